//! What is next: the first lesson or exercise of the course that is still to be done.
//!
//! Only a proposal, and never made by itself: a learner who has just passed wants to look at what she did first.

use crate::{
    course::Course,
    progress::{Place, Summary},
};

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Read this lesson.
    Lesson(String),
    /// Do this exercise.
    Exercise(String),
    /// Everything is done.
    Done,
}

/// What the course has next for somebody who stands where `summary` says.
///
/// Within a module an exercise comes right after the last of the lessons that it practises. Where the learner was decides
/// first: what lies open is finished before anything else is begun.
pub fn next(course: &Course, summary: &Summary) -> Next {
    let read = |id: &str| summary.lessons.get(id).is_some_and(|l| l.read);
    let passed = |id: &str| summary.exercises.get(id).is_some_and(|e| e.passed());
    match summary.place() {
        Some(Place::Lesson(id, _)) if course.lesson(id).is_some() && !read(id) => return Next::Lesson(id.clone()),
        Some(Place::Exercise(id)) if course.exercise(id).is_some() && !passed(id) => return Next::Exercise(id.clone()),
        _ => {}
    }
    for module in course.modules() {
        // A passed test-out stands for the whole module.
        if module.test_out.as_deref().is_some_and(passed) {
            continue;
        }
        // One whose lesson is not written yet can be found on the map, but nobody is sent to what was not taught.
        let taught =
            |id: &&str| course.exercise(id).is_some_and(|e| e.teaches.iter().all(|t| course.lesson(t).is_some()));
        let mut exercises: Vec<&str> = module.exercises.iter().map(String::as_str).filter(taught).collect();
        for (nth, lesson) in module.lessons.iter().enumerate() {
            if !read(lesson) {
                return Next::Lesson(lesson.clone());
            }
            let later = &module.lessons[nth + 1..];
            let ready = |id: &str| course.exercise(id).is_some_and(|e| e.teaches.iter().all(|t| !later.contains(t)));
            if let Some(exercise) = exercises.iter().find(|id| ready(id) && !passed(id)) {
                return Next::Exercise((*exercise).to_owned());
            }
            exercises.retain(|id| !ready(id));
        }
        if let Some(exercise) = exercises.iter().find(|id| !passed(id)) {
            return Next::Exercise((*exercise).to_owned());
        }
    }
    Next::Done
}
