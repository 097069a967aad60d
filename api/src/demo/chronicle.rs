//! What happens in the town on which day. The clock stands still while a day's events are written and moves when all are
//! durable, so that the log depends on the seed alone.

use hourbook_ledger::domain::time::Date;

use super::history::History;
use super::rolls::Rolls;
use super::week::Hours;
use super::{DemoError, founding, lists, sheets, wishes};

/// Days from the founding, a Monday, to the first service day.
pub(super) const SETTING_UP: i32 = 12;

impl History<'_> {
    /// Tells all of it, day by day.
    pub(super) fn tell(
        &mut self,
        weeks: &mut sheets::Weeks,
        hours: &mut Hours<'_>,
        progress: &dyn Fn(usize),
    ) -> Result<(), DemoError> {
        let begin = self.span.begin;
        founding::found(&mut self.submitter, self.town, begin)?;
        self.at(begin, 10 * 60)?;
        founding::organise(&mut self.submitter, self.town, begin)?;
        let last = self.span.first_saturday.plus(7 * (self.span.weeks as i32 - 1)).0 - begin.0;
        let mut wishes = wishes::Plan::new(self.town, SETTING_UP, last);
        let mut rolls = Rolls::default();
        let mut number = 0;
        for day in 1..=last {
            let today = begin.plus(day);
            if today.weekday() == 0 && hours.is_waiting() {
                self.at(today, 9 * 60)?;
                hours.confirm(self, false)?;
            }
            self.at(today, 10 * 60)?;
            self.newcomers(day, today)?;
            wishes.day(&mut self.submitter, day)?;
            lists::publish(self, today)?;
            lists::give(self, today)?;
            match today.weekday() {
                1 if day >= SETTING_UP => {
                    rolls.plan(&mut self.submitter, self.town, today, day + 7 > last)?
                }
                2 => hours.correct(self)?,
                6 => hours.note(rolls.call(&mut self.submitter, self.town, today, begin.plus(last))?),
                _ => {}
            }
            if today.weekday() == 5 && day >= SETTING_UP {
                self.at(today, 22 * 60)?;
                hours.import(self, number, weeks.next()?)?;
                number += 1;
                progress(number);
            }
        }
        // Of the last week most is confirmed the same evening; some waits, as it does in life.
        self.at(begin.plus(last), 22 * 60 + 30)?;
        hours.confirm(self, true)?;
        hours.leave_over(self, begin.plus(last))?;
        self.submitter.settle()?;
        Ok(())
    }

    fn newcomers(&mut self, day: i32, today: Date) -> Result<(), DemoError> {
        for community in &self.town.communities {
            founding::join(&mut self.submitter, self.town, community, day, today)?;
            if day == 6 {
                founding::residents(&mut self.submitter, community)?;
            }
        }
        if day == 7 {
            founding::offices(&mut self.submitter, self.town)?;
        }
        Ok(())
    }
}
