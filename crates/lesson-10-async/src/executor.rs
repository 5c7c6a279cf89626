//! Runs all tasks on one thread: polls those that can go on, and sleeps in the kernel until one can.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::convert::Infallible;
use std::future::poll_fn;
use std::io;
use std::mem;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use crate::source::Reactor;

/// How many steps a client may take in one turn: enough for a few requests.
const STEPS: usize = 16;
/// The number of the first task. Those that it spawns have the numbers after it, and none is used twice.
const FIRST: usize = 0;

/// What is still to be done of a task. Nothing of it happens but when it is polled.
type Task<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

pub struct Executor<'a> {
    reactor: &'a Reactor,
    /// Tasks that have not been polled yet.
    spawned: RefCell<Vec<Task<'a>>>,
    ready: Arc<Ready>,
}

/// The numbers of the tasks that can go on. The lock is there because a waker may be called by any thread; here only
/// one does.
#[derive(Default)]
struct Ready(Mutex<BTreeSet<usize>>);

/// What is behind the waker of a task.
struct Note {
    task: usize,
    ready: Arc<Ready>,
}

impl Wake for Note {
    fn wake(self: Arc<Self>) {
        self.ready.0.lock().unwrap_or_else(PoisonError::into_inner).insert(self.task);
    }
}

impl<'a> Executor<'a> {
    pub fn new(reactor: &'a Reactor) -> Executor<'a> {
        Executor { reactor, spawned: RefCell::default(), ready: Arc::default() }
    }

    pub fn reactor(&self) -> &'a Reactor {
        self.reactor
    }

    /// Has this done too, from the next round on.
    pub fn spawn(&self, task: impl Future<Output = ()> + 'a) {
        self.spawned.borrow_mut().push(Box::pin(task));
    }

    /// Runs this task, which does not end, and all that it spawns.
    ///
    /// In each round everybody who can go on is polled once, and then the kernel is asked who can go on next.
    pub fn run(&self, first: impl Future<Output = Infallible>) -> io::Result<()> {
        let mut first = pin!(first);
        let first_waker = self.waker(FIRST);
        first_waker.wake_by_ref();
        let mut tasks: HashMap<usize, (Task, Waker)> = HashMap::new();
        let mut last = FIRST;
        loop {
            for number in self.ready.take() {
                if number == FIRST {
                    let _ = first.as_mut().poll(&mut Context::from_waker(&first_waker));
                } else if let Some((task, waker)) = tasks.get_mut(&number)
                    && task.as_mut().poll(&mut Context::from_waker(waker)).is_ready()
                {
                    tasks.remove(&number);
                }
            }
            for task in self.spawned.take() {
                last += 1;
                let waker = self.waker(last);
                waker.wake_by_ref();
                tasks.insert(last, (task, waker));
            }
            self.reactor.wait(self.ready.is_empty())?;
        }
    }

    fn waker(&self, task: usize) -> Waker {
        Arc::new(Note { task, ready: Arc::clone(&self.ready) }).into()
    }
}

impl Ready {
    fn take(&self) -> BTreeSet<usize> {
        mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn is_empty(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }
}

/// How long a client has had the thread. Nobody interrupts a task: while it has more to do, it has to let the others
/// have a turn.
#[derive(Default)]
pub struct Turn {
    steps: usize,
}

impl Turn {
    /// Ends the turn if it has had enough steps.
    pub async fn end_of_step(&mut self) {
        self.steps += 1;
        if self.steps == STEPS {
            self.end().await;
        }
    }

    /// Lets all others have a turn: those who can go on, and those whose socket has become ready.
    pub async fn end(&mut self) {
        self.steps = 0;
        let mut ended = false;
        poll_fn(|context| {
            if mem::replace(&mut ended, true) {
                return Poll::Ready(());
            }
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
    }
}
