//! A system call: its name, what it is given, and what it means in a lesson.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;

use nix::libc;
use nix::sys::ptrace;
use nix::unistd::Pid;

/// How many bytes of what is sent and received are shown.
const SHOWN: usize = 48;

/// A call that has returned, or that never will.
#[derive(Clone, Debug)]
pub struct Call {
    pub pid: Pid,
    pub result: Option<i64>,
    registers: Registers,
}

/// What a call is, and what it is given.
#[derive(Clone, Copy, Debug)]
pub struct Registers {
    number: i64,
    arguments: [u64; 6],
    result: i64,
}

impl Registers {
    /// Of a thread that is stopped at a call.
    #[cfg(target_arch = "x86_64")]
    pub fn of(pid: Pid) -> Option<Registers> {
        let all = ptrace::getregs(pid).ok()?;
        let arguments = [all.rdi, all.rsi, all.rdx, all.r10, all.r8, all.r9];
        Some(Registers { number: all.orig_rax as i64, arguments, result: all.rax as i64 })
    }

    /// Of a thread that is stopped at a call.
    #[cfg(target_arch = "aarch64")]
    pub fn of(pid: Pid) -> Option<Registers> {
        let all = ptrace::getregs(pid).ok()?.regs;
        let arguments = [all[0], all[1], all[2], all[3], all[4], all[5]];
        Some(Registers { number: all[8] as i64, arguments, result: all[0] as i64 })
    }

    /// What the call gave, on the way out.
    pub fn result(&self) -> i64 {
        self.result
    }

    /// Whether there is no way out.
    pub fn never_returns(&self) -> bool {
        [libc::SYS_exit, libc::SYS_exit_group].contains(&self.number)
    }
}

impl Call {
    pub fn new(pid: Pid, registers: Registers, result: Option<i64>) -> Call {
        Call { pid, result, registers }
    }

    /// `recvfrom`; a number for one that no server of ours is known to use.
    pub fn name(&self) -> String {
        let known = NAMES.iter().chain(OLD_NAMES).find(|(number, _)| *number == self.registers.number);
        known.map_or_else(|| format!("call-{}", self.registers.number), |(_, name)| (*name).to_owned())
    }

    /// Name, arguments and result, as far as they say anything. To be asked while the thread is still stopped.
    pub fn show(&self) -> String {
        let name = self.name();
        let [first, second, third, ..] = self.registers.arguments;
        let given = self.result.unwrap_or(0).clamp(0, 1 << 20) as u64;
        let arguments = match name.as_str() {
            "recvfrom" | "read" => format!("{}, {}", self.descriptor(first), self.bytes(second, given)),
            "sendto" | "write" => format!("{}, {}", self.descriptor(first), self.bytes(second, third)),
            "openat" | "openat2" | "statx" | "newfstatat" => {
                format!("{}, {}", self.descriptor(first), self.path(second))
            }
            "io_uring_enter" => format!("{}, {second} to do, waits for {third}", self.descriptor(first)),
            "close" | "shutdown" | "fstat" | "accept4" | "accept" | "fcntl" | "ioctl" | "setsockopt" | "getsockopt"
            | "getpeername" | "getsockname" | "lseek" | "writev" | "pread64" => self.descriptor(first),
            "sendfile" => format!("{}, from {}", self.descriptor(first), self.descriptor(second)),
            "epoll_ctl" => format!("{}, {}, {}", self.descriptor(first), control(second), self.descriptor(third)),
            "epoll_wait" | "epoll_pwait" | "epoll_pwait2" => self.descriptor(first),
            _ => String::new(),
        };
        format!("{name}({arguments}){}", self.outcome())
    }

    fn outcome(&self) -> String {
        match self.result {
            None => String::new(),
            // What the kernel returns when a call is to be made again after a stop.
            Some(-516..=-512) => " = made again".to_owned(),
            Some(error @ -4095..=-1) => format!(" = {:?}", nix::errno::Errno::from_raw(-error as i32)),
            Some(value) if value > 0xFFFF_FFFF => format!(" = {value:#x}"),
            Some(value) => format!(" = {value}"),
        }
    }

    /// `5 socket`: a number, and what is behind it.
    fn descriptor(&self, number: u64) -> String {
        let number = number as i32;
        if number == libc::AT_FDCWD {
            return "here".to_owned();
        }
        let link = fs::read_link(format!("/proc/{}/fd/{number}", self.pid)).unwrap_or_default();
        let link = link.to_string_lossy();
        match link.split_once(":[") {
            Some(("anon_inode", kind)) => format!("{number} {}", kind.trim_end_matches(']')),
            Some((kind, _)) => format!("{number} {kind}"),
            None if link.starts_with("anon_inode:") => {
                format!("{number} {}", link["anon_inode:".len()..].trim_matches(['[', ']']))
            }
            None if link.is_empty() => number.to_string(),
            None => format!("{number} {}", link.rsplit('/').next().unwrap_or_default()),
        }
    }

    fn bytes(&self, place: u64, length: u64) -> String {
        let Some(bytes) = self.memory(place, SHOWN.min(length as usize)) else { return "?".to_owned() };
        let rest = if length as usize > SHOWN { "…" } else { "" };
        format!("\"{}\"{rest}", bytes.escape_ascii())
    }

    fn path(&self, place: u64) -> String {
        let mut bytes = self.memory(place, 256).unwrap_or_default();
        bytes.truncate(bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len()));
        format!("\"{}\"", String::from_utf8_lossy(&bytes))
    }

    fn memory(&self, place: u64, length: usize) -> Option<Vec<u8>> {
        let mut bytes = vec![0; length];
        let file = File::open(format!("/proc/{}/mem", self.pid)).ok()?;
        let length = file.read_at(&mut bytes, place).ok()?;
        bytes.truncate(length);
        Some(bytes)
    }

    /// What it is for, in the words of the lessons. Empty for what belongs to the language, not to the server.
    pub fn meaning(&self) -> &'static str {
        let name = self.name();
        let again = self.result == Some(-i64::from(libc::EAGAIN));
        let behind = self.descriptor(self.registers.arguments[0]);
        let (on_socket, on_event) = (behind.ends_with("socket"), behind.ends_with("eventfd"));
        match name.as_str() {
            "accept4" | "accept" if self.result == Some(-i64::from(libc::EINTR)) => "",
            "accept4" | "accept" if again => "`accept`: nobody is at the door",
            "accept4" | "accept" => "`accept`: a client comes in",
            "recvfrom" | "read" if on_socket && again => "`Inbox::receive`: nothing has come, `WouldBlock`",
            "recvfrom" | "read" if on_socket && self.result == Some(0) => "the client has hung up",
            "recvfrom" | "read" if on_socket => "`Inbox::receive`: bytes of a request",
            "read" if on_event => "whether another thread has rung the bell",
            "write" if on_event => "rings the bell: another thread is to wake up",
            "read" | "pread64" => "`Site::answer`: a small file; `Outbox`: a piece of a large one",
            "sendto" | "write" | "writev" if on_socket && again => {
                "`Outbox::send`: the client takes no more, `WouldBlock`"
            }
            "sendto" | "write" | "writev" if on_socket => "`Outbox::send`: the answer goes out",
            "sendfile" => "`Outbox::send`: the file goes out without being copied",
            "openat" | "openat2" => "`Site::answer`: opens the file, below the root and nowhere else",
            "statx" | "newfstatat" if behind == "here" => "`Site::answer`: whether the root is the same folder still",
            "statx" | "fstat" | "newfstatat" => "`Site::answer`: how long it is, and of when",
            "shutdown" => "`lingering_close`: that was all",
            "close" => "gives a descriptor back",
            "clone" | "clone3" | "fork" | "vfork" => "a new process or thread, for one client",
            "exit" | "exit_group" => "its client is served: the end of this process or thread",
            "wait4" | "waitid" => "`reap`: which children have ended?",
            "epoll_ctl" => "tells the kernel what to watch",
            "epoll_wait" | "epoll_pwait" | "epoll_pwait2" => "asks the kernel who can go on, and sleeps until then",
            "io_uring_enter" if self.registers.arguments[2] == 0 => "hands over what is to be done",
            "io_uring_enter" => "hands over what is to be done, and sleeps until something is done",
            "nanosleep" | "clock_nanosleep" => "rests, since nobody could go on",
            "timerfd_settime" => "when to wake up at the latest",
            "setsockopt" => "how the socket is to behave",
            "fcntl" | "ioctl" => "makes the socket non-blocking",
            "mmap" | "munmap" | "mprotect" | "brk" | "madvise" => "memory, such as a stack",
            "futex" => "one thread wakes another, or waits for it",
            _ => "",
        }
    }
}

fn control(operation: u64) -> &'static str {
    match operation as i32 {
        libc::EPOLL_CTL_ADD => "add",
        libc::EPOLL_CTL_DEL => "delete",
        _ => "modify",
    }
}

/// The calls that servers make, by their names.
macro_rules! names {
    ($($number:ident $name:literal),* $(,)?) => { &[$((libc::$number, $name)),*] };
}

const NAMES: &[(i64, &str)] = names![
    SYS_accept "accept", SYS_accept4 "accept4", SYS_bind "bind", SYS_brk "brk", SYS_clock_gettime "clock_gettime",
    SYS_clock_nanosleep "clock_nanosleep", SYS_clone "clone", SYS_clone3 "clone3", SYS_close "close", SYS_connect "connect",
    SYS_dup "dup", SYS_dup3 "dup3", SYS_epoll_create1 "epoll_create1", SYS_epoll_ctl "epoll_ctl",
    SYS_epoll_pwait "epoll_pwait", SYS_epoll_pwait2 "epoll_pwait2", SYS_eventfd2 "eventfd2", SYS_execve "execve",
    SYS_exit "exit", SYS_exit_group "exit_group", SYS_fcntl "fcntl", SYS_fstat "fstat", SYS_futex "futex",
    SYS_getdents64 "getdents64", SYS_getpeername "getpeername", SYS_getpid "getpid", SYS_getppid "getppid",
    SYS_getrandom "getrandom", SYS_getsockname "getsockname", SYS_getsockopt "getsockopt", SYS_gettid "gettid",
    SYS_io_uring_enter "io_uring_enter", SYS_io_uring_register "io_uring_register", SYS_io_uring_setup "io_uring_setup",
    SYS_ioctl "ioctl", SYS_kill "kill", SYS_listen "listen", SYS_lseek "lseek", SYS_madvise "madvise", SYS_mmap "mmap",
    SYS_mprotect "mprotect", SYS_munmap "munmap", SYS_nanosleep "nanosleep", SYS_newfstatat "newfstatat",
    SYS_openat "openat", SYS_openat2 "openat2", SYS_ppoll "ppoll", SYS_prctl "prctl", SYS_pread64 "pread64",
    SYS_prlimit64 "prlimit64", SYS_pselect6 "pselect6", SYS_read "read", SYS_readlinkat "readlinkat", SYS_readv "readv",
    SYS_recvfrom "recvfrom", SYS_recvmsg "recvmsg", SYS_restart_syscall "restart_syscall", SYS_rseq "rseq",
    SYS_rt_sigaction "rt_sigaction", SYS_rt_sigprocmask "rt_sigprocmask", SYS_rt_sigreturn "rt_sigreturn",
    SYS_sched_getaffinity "sched_getaffinity", SYS_sched_yield "sched_yield", SYS_sendfile "sendfile",
    SYS_sendmsg "sendmsg", SYS_sendto "sendto", SYS_set_robust_list "set_robust_list",
    SYS_set_tid_address "set_tid_address", SYS_setsockopt "setsockopt", SYS_shutdown "shutdown",
    SYS_sigaltstack "sigaltstack", SYS_socket "socket", SYS_socketpair "socketpair", SYS_statx "statx",
    SYS_tgkill "tgkill", SYS_timerfd_create "timerfd_create", SYS_timerfd_settime "timerfd_settime",
    SYS_wait4 "wait4", SYS_waitid "waitid", SYS_write "write", SYS_writev "writev",
];

/// Those that newer machines have no more.
#[cfg(target_arch = "x86_64")]
const OLD_NAMES: &[(i64, &str)] = names![
    SYS_access "access", SYS_arch_prctl "arch_prctl", SYS_epoll_wait "epoll_wait", SYS_fork "fork", SYS_lstat "lstat",
    SYS_open "open", SYS_poll "poll", SYS_readlink "readlink", SYS_select "select", SYS_stat "stat", SYS_vfork "vfork",
];

/// Those that newer machines have no more.
#[cfg(not(target_arch = "x86_64"))]
const OLD_NAMES: &[(i64, &str)] = &[];
