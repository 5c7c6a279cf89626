//! Limits on a submission, and what it cannot reach: a mode of this program that sets them, and then becomes the
//! command.
//!
//! - Network: a namespace of its own (network_namespaces(7)), in which only the loopback interface is up. It takes the
//!   superuser, or a system on which users may make user namespaces (user_namespaces(7)).
//! - User: another one, where this program runs as the superuser.
//! - Memory: `RLIMIT_DATA` for each process (getrlimit(2)). It counts what is reserved, stacks of threads too, so it is
//!   only the outer bound; [`crate::runner`] looks at what is in use.
//! - Processes and threads: `RLIMIT_NPROC`, counted for the user. Files: `RLIMIT_FSIZE` for each. No core dumps.
//! - No program gains privileges by being executed (`PR_SET_NO_NEW_PRIVS`, prctl(2)).

use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitCode};

use nix::sched::{CloneFlags, unshare};
use nix::unistd::{getegid, geteuid};
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, recv, send, socket_with};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// The first argument of this program when it is to confine the command that follows.
pub const CONFINE: &str = "--confine";

/// What to set before a command is executed. Nothing by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Confine {
    /// Without network but loopback.
    pub without_network: bool,
    /// As this user and the group of the same number. Only the superuser can do that; for anyone else it does nothing.
    pub user: Option<u32>,
    /// The most of `RLIMIT_DATA`, in bytes, for each process.
    pub data: Option<u64>,
    /// The most processes and threads of the user.
    pub processes: Option<u64>,
    /// The most bytes of a file that is written.
    pub file: Option<u64>,
}

impl Confine {
    /// The words that start this program in this mode; the command has to follow.
    pub fn words(&self) -> [String; 2] {
        let mut settings = Vec::new();
        if self.without_network {
            settings.push("network=none".to_owned());
        }
        let numbers = [
            ("user", self.user.map(u64::from)),
            ("data", self.data),
            ("processes", self.processes),
            ("file", self.file),
        ];
        settings.extend(numbers.iter().filter_map(|(name, number)| Some(format!("{name}={}", (*number)?))));
        [CONFINE.to_owned(), settings.join(",")]
    }

    fn parse(settings: &str) -> Option<Confine> {
        let mut confine = Confine::default();
        for setting in settings.split(',').filter(|setting| !setting.is_empty()) {
            let (name, value) = setting.split_once('=')?;
            match name {
                "network" => confine.without_network = true,
                "user" => confine.user = Some(value.parse().ok()?),
                "data" => confine.data = Some(value.parse().ok()?),
                "processes" => confine.processes = Some(value.parse().ok()?),
                "file" => confine.file = Some(value.parse().ok()?),
                _ => return None,
            }
        }
        Some(confine)
    }

    /// Sets all but the user.
    fn set(&self) -> io::Result<()> {
        let failed =
            |what: &'static str| move |error: io::Error| io::Error::new(error.kind(), format!("{what}: {error}"));
        if self.without_network {
            leave_network().map_err(failed("no network namespace"))?;
        }
        let limits = [
            (Resource::Data, self.data),
            (Resource::Nproc, self.processes),
            (Resource::Fsize, self.file),
            (Resource::Core, Some(0)),
        ];
        for (resource, most) in limits {
            if let Some(most) = most {
                lower(resource, most).map_err(failed("no limit"))?;
            }
        }
        rustix::thread::set_no_new_privs(true).map_err(|error| failed("no_new_privs")(error.into()))
    }
}

/// How many processes and threads the user of this program has.
pub fn tasks_of_this_user() -> u64 {
    let user = geteuid().as_raw();
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let own = entries.filter(|entry| entry.metadata().is_ok_and(|data| data.uid() == user));
    own.map(|entry| fs::read_dir(entry.path().join("task")).map_or(0, |tasks| tasks.count() as u64)).sum()
}

/// This program in that mode, if its arguments say so: then it does nothing else, and returns only if it cannot.
pub fn confined(mut arguments: impl Iterator<Item = OsString>) -> Option<ExitCode> {
    if arguments.nth(1)? != CONFINE {
        return None;
    }
    let settings = arguments.next()?.into_string().ok()?;
    let program = arguments.next()?;
    let error = match Confine::parse(&settings) {
        None => format!("cannot understand {settings}"),
        Some(confine) => match confine.set() {
            Err(error) => error.to_string(),
            Ok(()) => {
                let mut command = Command::new(&program);
                command.args(arguments);
                if let Some(user) = confine.user.filter(|_| geteuid().is_root()) {
                    // Gives up all other groups too.
                    command.uid(user).gid(user);
                }
                format!("cannot start {}: {}", program.display(), command.exec())
            }
        },
    };
    eprintln!("{error}");
    Some(ExitCode::from(126))
}

/// Never above what holds already.
fn lower(resource: Resource, most: u64) -> io::Result<()> {
    let held = getrlimit(resource).maximum;
    let most = Some(held.map_or(most, |held| held.min(most)));
    Ok(setrlimit(resource, Rlimit { current: most, maximum: most })?)
}

/// A network namespace in which there is nothing but this machine itself.
fn leave_network() -> io::Result<()> {
    let (user, group) = (geteuid(), getegid());
    if user.is_root() {
        unshare(CloneFlags::CLONE_NEWNET)?;
    } else {
        unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNET)?;
        // The same user inside as outside, so that nothing of what it owns changes.
        fs::write("/proc/self/setgroups", "deny")?;
        fs::write("/proc/self/uid_map", format!("{user} {user} 1"))?;
        fs::write("/proc/self/gid_map", format!("{group} {group} 1"))?;
    }
    loopback_up()
}

/// What `ip link set lo up` does, over rtnetlink(7): not every machine has that command.
fn loopback_up() -> io::Result<()> {
    /// `struct nlmsghdr` and `struct ifinfomsg`, 16 bytes each.
    const LENGTH: u32 = 32;
    const RTM_NEWLINK: u16 = 16;
    /// `NLM_F_REQUEST | NLM_F_ACK`
    const FLAGS: u16 = 1 | 4;
    /// The first interface of each namespace.
    const LOOPBACK: i32 = 1;
    const IFF_UP: u32 = 1;

    // No protocol is number 0, and that is NETLINK_ROUTE.
    let socket = socket_with(AddressFamily::NETLINK, SocketType::RAW, SocketFlags::CLOEXEC, None)?;
    let mut message = Vec::with_capacity(LENGTH as usize);
    message.extend(LENGTH.to_ne_bytes());
    message.extend(RTM_NEWLINK.to_ne_bytes());
    message.extend(FLAGS.to_ne_bytes());
    // Number of the message, and of who sends it: any.
    message.extend([0; 8]);
    // Family and type of the interface: none asked for.
    message.extend([0; 4]);
    message.extend(LOOPBACK.to_ne_bytes());
    // The flags to set, and which of them are meant.
    message.extend(IFF_UP.to_ne_bytes());
    message.extend(IFF_UP.to_ne_bytes());
    send(&socket, &message, SendFlags::empty())?;

    let mut answer = [0; 1024];
    let (_, length) = recv(&socket, &mut answer, RecvFlags::empty())?;
    // Behind a header, `struct nlmsgerr` begins with 0 or a negative error number.
    match answer[..length].get(16..20).and_then(|bytes| bytes.try_into().ok()).map(i32::from_ne_bytes) {
        Some(0) => Ok(()),
        Some(error) => Err(io::Error::from_raw_os_error(-error)),
        None => Err(io::Error::other("the kernel gave no answer")),
    }
}

/// What this system allows of all that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Isolation {
    /// Whether submissions have no network; if not, why.
    pub network: Result<(), String>,
    /// Whether they run as another user; if not, why.
    pub user: Result<(), String>,
}

/// The first of the users as whom submissions run: from here on systemd lends users for a while (`DynamicUser=`), so no
/// person and no service has one of them.
const FIRST_USER: u32 = 61_184;
/// How many of them a run of this program has, and how many runs there may be at a time.
const USERS: u32 = 100;
const RUNS: u32 = 43;

/// Users for the submissions of this run, one for each that runs at the same time: with the same one, a submission that
/// forks would use up what the others may have, or end them. No other run has them as long as this is not dropped.
#[derive(Debug)]
pub struct Users {
    first: u32,
    _lock: UnixListener,
}

impl Users {
    /// The first that no run has. A socket in the abstract namespace (unix(7)) is the lock: it goes with its process.
    ///
    /// # Errors
    ///
    /// If there are none.
    pub fn take() -> io::Result<Users> {
        let mut error = io::ErrorKind::NotFound.into();
        for run in 0..RUNS {
            let name = SocketAddr::from_abstract_name(format!("http-suite-grade-{run}"))?;
            match UnixListener::bind_addr(&name) {
                Ok(lock) => return Ok(Users { first: FIRST_USER + run * USERS, _lock: lock }),
                Err(this) => error = this,
            }
        }
        Err(error)
    }

    /// The user of the submission that runs in this place.
    pub fn of(&self, place: usize) -> u32 {
        self.first + u32::try_from(place).unwrap_or(0) % USERS
    }
}

impl Isolation {
    /// Tries it out with this program, where all submissions will find it. `user`: whether another one is wanted at
    /// all.
    pub fn probe(program: &Path, network: bool, user: bool) -> Isolation {
        let attempt = |confine: Confine| -> Result<(), String> {
            let mut command = Command::new(program);
            // Once more, since the other user has to reach it.
            command.args(confine.words()).arg(program).args(Confine::default().words()).arg("true");
            let output = command.output().map_err(|error| error.to_string())?;
            let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            if output.status.success() { Ok(()) } else { Err(said) }
        };
        let network = match network {
            true => attempt(Confine { without_network: true, ..Confine::default() }),
            false => Err("it was asked for".into()),
        };
        let user = match user {
            _ if !geteuid().is_root() => Err("only the superuser can become another user".into()),
            false => Err("it was asked for".into()),
            true => attempt(Confine { user: Some(FIRST_USER), ..Confine::default() }),
        };
        Isolation { network, user }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_runs_have_the_same_users() {
        let (one, other) = (Users::take().unwrap(), Users::take().unwrap());
        let of = |users: &Users| (0..100).map(|place| users.of(place)).collect::<Vec<_>>();
        assert!(of(&one).iter().all(|user| !of(&other).contains(user)));
    }

    #[test]
    fn what_is_set_is_understood() {
        let confine = Confine {
            without_network: true,
            user: Some(61_184),
            data: Some(1 << 30),
            processes: Some(64),
            file: Some(1 << 20),
        };
        for confine in [confine, Confine::default()] {
            let [mode, settings] = confine.words();
            assert_eq!(mode, CONFINE);
            assert_eq!(Confine::parse(&settings), Some(confine));
        }
        assert_eq!(Confine::parse("network"), None);
        assert_eq!(Confine::parse("user=me"), None);
        assert_eq!(Confine::parse("colour=1"), None);
    }
}
