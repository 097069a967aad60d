//! How the systems that people have come to trust an authority, in words: for the page and for the terminal.

use sha2::{Digest as _, Sha256};

use crate::commands::Words;

/// The SHA-256 of a certificate, as devices show it before they trust it: groups of four digits.
pub(crate) fn fingerprint(certificate: &[u8]) -> String {
    let digits = hex::encode_upper(Sha256::digest(certificate));
    let groups: Vec<&str> = (0..digits.len()).step_by(4).map(|at| &digits[at..at + 4]).collect();
    groups.join(" ")
}

/// What is done on one system.
pub(crate) struct Way {
    /// Which.
    pub(crate) system: Words,
    /// Step by step, beginning with the file `ca.crt`.
    pub(crate) steps: &'static [Words],
}

/// Every system that offices have.
pub(crate) const WAYS: [Way; 6] = [
    Way {
        system: ("Windows（Edge、360、Chrome）", "Windows (Edge, 360, Chrome)"),
        steps: &[
            (
                "核对指纹：在命令提示符里运行 certutil -hashfile ca.crt SHA256。",
                "Compare the fingerprint: run certutil -hashfile ca.crt SHA256 in a command prompt.",
            ),
            (
                "双击 ca.crt，选“安装证书”，选“将所有的证书都放入下列存储”，浏览到“受信任的根证书颁发机构”，完成。",
                "Double-click ca.crt, choose Install Certificate, then \"Place all certificates in the following store\", browse to Trusted Root Certification Authorities, and finish.",
            ),
            (
                "或以管理员身份运行 certutil -addstore Root ca.crt，对这台电脑的所有用户有效。",
                "Or run certutil -addstore Root ca.crt as administrator, for all users of the computer.",
            ),
            (
                "关闭浏览器的所有窗口再打开。360 须用极速模式。",
                "Close all windows of the browser and open it again. 360 has to be in its fast mode.",
            ),
        ],
    },
    Way {
        system: ("安卓手机", "Android"),
        steps: &[
            (
                "下载 ca.crt；在“设置”里搜索“CA 证书”（多在 安全 › 加密与凭据 › 安装证书），选“CA 证书”，仍然安装，选这个文件。",
                "Download ca.crt; search Settings for \"CA certificate\" (mostly Security, Encryption and credentials, Install a certificate), choose CA certificate, install anyway, and pick the file.",
            ),
            (
                "用 Chrome 打开。微信里的浏览器和一些手机自带的浏览器不认自己安装的证书。",
                "Open it with Chrome. The browser within WeChat, and some that phones come with, do not go by certificates that one installs.",
            ),
        ],
    },
    Way {
        system: ("iPhone、iPad", "iPhone, iPad"),
        steps: &[
            (
                "用 Safari 下载 ca.crt，允许下载描述文件；设置 › 通用 › VPN 与设备管理，安装它。",
                "Download ca.crt with Safari and allow the profile; Settings, General, VPN & Device Management: install it.",
            ),
            (
                "设置 › 通用 › 关于本机 › 证书信任设置，打开它的开关。没有这一步不起作用。",
                "Settings, General, About, Certificate Trust Settings: switch it on. It does nothing without this step.",
            ),
        ],
    },
    Way {
        system: ("火狐浏览器", "Firefox"),
        steps: &[(
            "设置 › 隐私与安全 › 查看证书 › 证书颁发机构 › 导入 ca.crt，勾选“信任由此证书颁发机构来标识网站”。",
            "Settings, Privacy & Security, View Certificates, Authorities: import ca.crt and tick \"Trust this CA to identify websites\".",
        )],
    },
    Way {
        system: ("苹果电脑", "macOS"),
        steps: &[(
            "双击 ca.crt，加入“登录”钥匙串；在“钥匙串访问”里双击它，信任 › 始终信任。",
            "Double-click ca.crt and add it to the login keychain; double-click it in Keychain Access, Trust: Always Trust.",
        )],
    },
    Way {
        system: ("Linux（Chromium）", "Linux (Chromium)"),
        steps: &[(
            "certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n hourbook -i ca.crt（在 libnss3-tools 软件包里）。",
            "certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n hourbook -i ca.crt (of the package libnss3-tools).",
        )],
    },
];
