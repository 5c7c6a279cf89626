//! The mistakes that there are.

/// One mistake. Each names what in the world it imitates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Defect {
    /// Lesson 04 as it is.
    None,
    /// Lesson 03 as it is.
    NoneWithProcesses,
    /// Lesson 07 as it is, in short.
    NoneWithEvents,

    /// Answers when the first line is there: the server of many a tutorial, which looks at one line and at nothing
    /// else.
    AnswersWithoutReading,
    /// Ignores how much a write has taken: C programs that call `write` and do not look at what it returns.
    ShortWritesLost,
    /// Counts characters where bytes are due: `"…".length` put into `Content-Length` in JavaScript or Python. It is
    /// right as long as everybody writes English. (The page at `/` is right, so that the server seems to work.)
    LengthInCharacters,
    /// Looks for `..` first and decodes the percent signs then: CVE-2021-41773 in Apache httpd 2.4.49.
    DotDotEscapes,
    /// Takes a path that begins as the root does for one in the root: `os.path.abspath(path).startswith(root)` in
    /// Python, a string in every language. `/srv/www-old` begins with `/srv/www`.
    RootIsAPrefix,
    /// Takes LF alone for the end of a line: a line reader such as `readline` or `BufRead::lines` used on HTTP. Where
    /// the proxy in front is strict, a request can be smuggled past it.
    BareLfGlues,
    /// Never asks how its children ended: every forking server on its author's first day.
    Zombies,
    /// Its children go on when it has ended: a service that was stopped, and still talks to whom it was talking to.
    Orphans,
    /// Takes every child that ends for one that served a client: a counter of children where a set of them is due. It
    /// works until the server is started by a shell that has started something else.
    CountsEveryChild,
    /// Says what it does by a plain write to standard error: `print` in every language. It works until nobody reads
    /// what it says.
    WaitsForTheLog,
    /// Lets go of a client that it can start no thread for: the error of `Thread.start` or `pthread_create` is logged,
    /// and that is all.
    DropsTheRefused,
    /// Keeps a descriptor of each connection: a close that is missing on one way out. It works for a day or a week.
    DescriptorLeak,
    /// Ends when it cannot send an answer: SIGPIPE left as it is in a program in C, or an exception that leaves the
    /// loop because only reading was guarded. It works while everyone waits for the page.
    FailedWriteEndsIt,
    /// One client at a time, whatever it says of itself: a pool of one thread, or a lock around all of the work.
    Sequential,
    /// Makes a new listener for each client, and has none until that one has said something: `nc -l` in a loop, or a
    /// program that calls `socket`, `bind` and `listen` inside the loop. It works for one person who tries it out.
    ListensAnewForEach,
    /// Takes what one read brings for a whole request, and forgets it if it is none: it works on the author's machine,
    /// where every request comes in one piece.
    OneReadIsOneRequest,
    /// Looks for the empty line only at the end of what it has, by `endswith`: what comes behind it in the same read,
    /// the beginning of the next request, has it wait for more.
    EmptyLineAtTheEnd,
    /// Does not look for a body, and so takes it for the next request: request smuggling in its plainest form.
    BodyAsRequest,
    /// Waits for a silent client for ever: no time-out set, which is what every socket does by itself. Slowloris needs
    /// no more.
    NeverTimesOut,
    /// Sets a time-out for each read (`SO_RCVTIMEO`, `settimeout`) and takes that for one of the request: a client that
    /// sends a byte now and then stays for ever.
    DeadlineOfEachRead,
    /// Hands the kernel as much of a large file as it takes: what every socket does by itself. Who reads nothing then
    /// has the server keep megabytes for it.
    FillsTheSocket,
    /// Reads all of a file before it sends the first byte: `file.read()`, `fs::read`, `readFileSync`. It works until
    /// somebody puts a film on the site.
    HoldsTheWholeFile,
    /// Answers when the head is there, and closes with the body unread: the kernel resets the connection, and the
    /// answer may never be seen. Uploads to a server that refuses them then fail with "connection reset".
    ClosesWithUnreadBytes,
    /// Sends the page of an error to HEAD too, where the error is found before the method is looked at: a handler for
    /// bad requests that knows of nothing else. The page is taken for the next answer.
    ErrorToHeadHasABody,
    /// Takes any text for a host: the field is looked up and never read. What is built from it leads elsewhere.
    HostsUnchecked,
    /// Knows no conditions: what most tutorials end with. Every copy is sent again, whether it is still good or not.
    ConditionsIgnored,
    /// Says `Last-Modified` of a file that may change once more in the same second: `stat` and `strftime`, nothing
    /// between. It is right except when somebody works on the site.
    DateOfThisSecond,
    /// Keeps a file and never looks again: a hash map from path to content, "to be cleared later".
    KeptForEver,

    /// Is told of each news once (edge-triggered), reads once, and waits for the next news: epoll with `EPOLLET` and
    /// one `read` for each event. It works as long as a request fits in one buffer; epoll(7) warns of it.
    EdgeNotDrained,
    /// Closes when there is nothing to read yet: `if (read(…) <= 0) close(…)`, copied from a blocking server. It works
    /// while every request comes in one piece.
    WouldBlockIsAnEnd,
    /// Has no place for the part of an answer that the socket did not take, and goes on to the next request: a handler
    /// that gets `EAGAIN` from `write` and returns. Large pages then stop in the middle for slow clients only.
    PartialWriteForgotten,
    /// Asks to be told that it can write, and never takes that back: an idle socket can always be written to, so an
    /// event loop that keeps `EPOLLOUT` set uses a whole core to serve no one.
    WriteInterestKept,
    /// Takes every event for a sign of life: a time-out that begins anew with each byte. Slowloris lives on that.
    TrickleIsProgress,
    /// Makes a new buffer for each request, and drops what stood in the old one behind the last: HTTP clients and
    /// servers that wrap a socket in a `BufReader` anew each time. Nothing is lost until a client pipelines.
    PipelinedBytesLost,
    /// Sends an answer to its end before it looks at anyone else: a blocking call in an event loop, such as a handler
    /// in Node.js or Python's asyncio that does its work in one go. While one client downloads, all others wait.
    SendsUntilDone,
    /// Goes over all connections a thousand times a second, though the kernel would tell: a time-out that was added to
    /// `epoll_wait` "to be on the safe side". Idle clients then cost as much as they did with a list.
    AsksEveryoneAgain,
    /// Writes to a socket until it is full, as everyone has to who is told of each news only once (edge-triggered). A
    /// client that reads fast enough then gets its whole file before anybody else has a turn.
    WritesUntilFull,
    /// Asks all of its clients four times a second, to see whose time is over: a timer "for the time-outs", which is
    /// set whether or not there is one to come. It costs little until there are many, who do nothing.
    CallsTheRoll,
    /// Looks for the first deadline among those of all connections, before each wait: `min()` over a dictionary. It is
    /// written in a minute, and each request then costs more with each client that is only there.
    WalksAllDeadlines,
    /// Answers one client for as long as that one has requests: a loop "until the buffer is empty" without a bound. Who
    /// pipelines without end has the server to himself.
    StaysWithOneClient,
    /// Admits everyone, however many connections an address has: what nearly every server does before it is told
    /// otherwise. One client can take all descriptors.
    NoCapOnConnections,

    /// Forgets one client in some hundreds until a timer looks after all of them: a wakeup that is lost between
    /// "nothing is there" and "now I wait". Every answer is right, and nothing is seen of it but that one is late now
    /// and then.
    WakeupLost,

    /// No server at all: says 400 to everything.
    Always400,
    /// No server at all: sends the same page, whatever it is asked.
    Always200,
    /// No server at all: accepts, and says nothing.
    Silent,
    /// No server at all: accepts, and closes.
    ClosesAtOnce,
}

/// Who serves the next client while one is being served.
pub enum Model {
    /// Nobody.
    InTurn,
    /// Nobody, and there is no listener for it either.
    Anew,
    /// A child of this process.
    Processes,
    /// A thread.
    Threads,
    /// The one thread that there is, as soon as the kernel says that it can.
    Events,
}

impl Defect {
    /// All of them, as the command line and the tests call them.
    pub const ALL: &[(&str, Defect)] = &[
        ("none", Defect::None),
        ("none-with-processes", Defect::NoneWithProcesses),
        ("none-with-events", Defect::NoneWithEvents),
        ("answers-without-reading", Defect::AnswersWithoutReading),
        ("short-writes-lost", Defect::ShortWritesLost),
        ("length-in-characters", Defect::LengthInCharacters),
        ("dot-dot-escapes", Defect::DotDotEscapes),
        ("root-is-a-prefix", Defect::RootIsAPrefix),
        ("bare-lf-glues", Defect::BareLfGlues),
        ("zombies", Defect::Zombies),
        ("orphans", Defect::Orphans),
        ("counts-every-child", Defect::CountsEveryChild),
        ("waits-for-the-log", Defect::WaitsForTheLog),
        ("drops-the-refused", Defect::DropsTheRefused),
        ("descriptor-leak", Defect::DescriptorLeak),
        ("failed-write-ends-it", Defect::FailedWriteEndsIt),
        ("sequential", Defect::Sequential),
        ("listens-anew-for-each", Defect::ListensAnewForEach),
        ("one-read-is-one-request", Defect::OneReadIsOneRequest),
        ("empty-line-at-the-end", Defect::EmptyLineAtTheEnd),
        ("body-as-request", Defect::BodyAsRequest),
        ("never-times-out", Defect::NeverTimesOut),
        ("deadline-of-each-read", Defect::DeadlineOfEachRead),
        ("fills-the-socket", Defect::FillsTheSocket),
        ("holds-the-whole-file", Defect::HoldsTheWholeFile),
        ("closes-with-unread-bytes", Defect::ClosesWithUnreadBytes),
        ("error-to-head-has-a-body", Defect::ErrorToHeadHasABody),
        ("hosts-unchecked", Defect::HostsUnchecked),
        ("conditions-ignored", Defect::ConditionsIgnored),
        ("date-of-this-second", Defect::DateOfThisSecond),
        ("kept-for-ever", Defect::KeptForEver),
        ("edge-not-drained", Defect::EdgeNotDrained),
        ("would-block-is-an-end", Defect::WouldBlockIsAnEnd),
        ("partial-write-forgotten", Defect::PartialWriteForgotten),
        ("write-interest-kept", Defect::WriteInterestKept),
        ("trickle-is-progress", Defect::TrickleIsProgress),
        ("pipelined-bytes-lost", Defect::PipelinedBytesLost),
        ("sends-until-done", Defect::SendsUntilDone),
        ("asks-everyone-again", Defect::AsksEveryoneAgain),
        ("writes-until-full", Defect::WritesUntilFull),
        ("calls-the-roll", Defect::CallsTheRoll),
        ("walks-all-deadlines", Defect::WalksAllDeadlines),
        ("stays-with-one-client", Defect::StaysWithOneClient),
        ("no-cap-on-connections", Defect::NoCapOnConnections),
        ("wakeup-lost", Defect::WakeupLost),
        ("always-400", Defect::Always400),
        ("always-200", Defect::Always200),
        ("silent", Defect::Silent),
        ("closes-at-once", Defect::ClosesAtOnce),
    ];

    pub fn from_name(name: &str) -> Option<Defect> {
        Defect::ALL.iter().find(|(other, _)| *other == name).map(|(_, defect)| *defect)
    }

    /// Who serves the next client, as the usage has it; of what is no server: `nobody`.
    pub fn kind(self) -> &'static str {
        match (self, self.model()) {
            (Defect::Always400 | Defect::Always200 | Defect::Silent | Defect::ClosesAtOnce, _) => "nobody",
            (_, Model::InTurn | Model::Anew) => "in-turn",
            (_, Model::Processes) => "processes",
            (_, Model::Threads) => "threads",
            (_, Model::Events) => "events",
        }
    }

    pub fn model(self) -> Model {
        match self {
            Defect::Sequential | Defect::FailedWriteEndsIt => Model::InTurn,
            Defect::ListensAnewForEach => Model::Anew,
            Defect::NoneWithProcesses | Defect::Zombies | Defect::Orphans | Defect::CountsEveryChild => {
                Model::Processes
            }
            Defect::NoneWithEvents
            | Defect::EdgeNotDrained
            | Defect::WouldBlockIsAnEnd
            | Defect::PartialWriteForgotten
            | Defect::WriteInterestKept
            | Defect::TrickleIsProgress
            | Defect::PipelinedBytesLost
            | Defect::SendsUntilDone
            | Defect::AsksEveryoneAgain
            | Defect::WritesUntilFull
            | Defect::CallsTheRoll
            | Defect::WalksAllDeadlines
            | Defect::StaysWithOneClient
            | Defect::NoCapOnConnections => Model::Events,
            _ => Model::Threads,
        }
    }
}
