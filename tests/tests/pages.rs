//! The pages as a browser without JavaScript sees them.

#[path = "pages/activities.rs"]
mod activities;
#[path = "pages/browser.rs"]
mod browser;
#[path = "pages/demo.rs"]
mod demo;
#[path = "pages/desk.rs"]
mod desk;
#[path = "pages/duties.rs"]
mod duties;
#[path = "pages/forms.rs"]
mod forms;
#[path = "pages/keys.rs"]
mod keys;
#[path = "pages/people.rs"]
mod people;
#[path = "pages/public.rs"]
mod public;
#[path = "pages/reached.rs"]
mod reached;
#[path = "pages/registering.rs"]
mod registering;
#[path = "pages/staff.rs"]
mod staff;
#[path = "pages/street.rs"]
mod street;
#[path = "pages/wishing.rs"]
mod wishing;
