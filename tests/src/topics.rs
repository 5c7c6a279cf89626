//! Where the course teaches what a case looks at, in Chinese.

/// What a lesson may be read for: as cases have it, and in Chinese.
const TOPICS: &[(&str, &str)] = &[
    ("GET, and HEAD for free", "GET，以及顺带支持的 HEAD"),
    ("a client that says nothing", "什么也不说的客户端"),
    ("a close that loses nothing", "什么也不丢的关闭"),
    ("a fair share", "每个工作线程分到差不多的份额"),
    ("a folder and its slash", "目录和末尾的斜杠"),
    ("a loop on every core", "每个核一个事件循环"),
    ("a place kept in a field", "把读到哪里存进字段"),
    ("a process for each client", "一个客户端一个进程"),
    ("a step at a time", "一次走一步"),
    ("a thread for each client", "一个客户端一个线程"),
    ("a turn that is bounded", "每一轮都有上限"),
    ("a write that takes only part", "只写出一部分的 write"),
    ("ask the kernel", "向内核询问"),
    ("children that outlive their parent", "比父进程活得久的子进程"),
    ("decode once, then look", "先解码一次，再检查"),
    ("each goes on until it would wait", "一直做到 WouldBlock 为止"),
    ("forget the threads that have ended", "清理已经结束的线程"),
    ("from target to file", "从请求目标到文件"),
    ("how long a body is", "正文有多长"),
    ("how long to keep a connection", "连接保持多久"),
    ("how long to wait for a client", "等一个客户端多久"),
    ("how long to wait for a client that does not read", "客户端不读，等它多久"),
    ("how many connections a client may have", "一个客户端可以有多少连接"),
    ("how much is too much", "多少算太多"),
    ("how much waits in the socket", "套接字里积压了多少"),
    ("how to hang up", "怎样关闭连接"),
    ("is my copy still good?", "我的副本还有效吗？"),
    ("name, colon, value", "名字、冒号、值"),
    ("no call waits", "任何调用都不等待"),
    ("nothing outside the root", "根目录之外什么也不给"),
    ("one client's failure is one line in the log", "一个客户端出错，只是日志里的一行"),
    ("one step for each", "每条连接各走一步"),
    ("one thread for all", "一个线程服务所有客户端"),
    ("one write is not all", "一次 write 不一定写完"),
    ("only regular files", "只提供普通文件"),
    ("read until the empty line", "读到空行为止"),
    ("stop it", "停止服务器"),
    ("the listener, and a socket for each client", "监听套接字，以及每个客户端各自的套接字"),
    ("the log", "日志"),
    ("the one field that must be there", "唯一必须有的字段"),
    ("the port that is still in use", "仍被占用的端口"),
    ("the second request", "第二个请求"),
    ("three words", "请求行的三个部分"),
    ("timeout", "超时"),
    ("two queues", "两个队列"),
    ("two ways, closed one by one", "两个方向，各自关闭"),
    ("what a file costs", "读一个文件的开销"),
    ("what a file is", "文件是什么类型"),
    ("what a process costs", "一个进程的开销"),
    ("what a target may hold", "请求目标里允许有什么"),
    ("what a thread costs", "一个线程的开销"),
    ("what a connection waits for", "连接在等什么"),
    ("what an empty read means", "读到 0 字节意味着什么"),
    ("what an idle connection costs", "一条空闲连接的开销"),
    ("what asking costs", "询问的开销"),
    ("what every answer says", "每个响应都要写明什么"),
    ("what is already in the inbox", "Inbox 里已有的内容"),
    ("what is dropped, and when", "什么会被释放，何时释放"),
    ("what went wrong, as a status", "用状态码说明哪里出错"),
    ("when accept fails", "accept 失败时"),
    ("when the disk changes its mind", "文件在读取途中变化时"),
    ("where a line ends", "行在哪里结束"),
    ("where a request ends", "请求在哪里结束"),
    ("where an answer ends", "响应在哪里结束"),
    ("where the next request begins", "下一个请求从哪里开始"),
    ("which errors close", "哪些错误要关闭连接"),
    ("who buries the dead", "谁来回收僵尸进程"),
    ("who closes", "由谁关闭"),
    ("who ends a connection", "由谁结束连接"),
    ("who holds which descriptor", "谁持有哪个描述符"),
    ("who is next", "下一个轮到谁"),
    ("who makes the listener", "由谁创建监听套接字"),
];

/// `第 02 课：行在哪里结束` for `lesson 02: where a line ends`. What has no Chinese here stays as it is.
pub(crate) fn in_chinese(lesson: &str) -> String {
    let chinese = || {
        let (number, topic) = lesson.strip_prefix("lesson ")?.split_once(": ")?;
        let (_, chinese) = TOPICS.iter().find(|(english, _)| *english == topic)?;
        Some(format!("第 {number} 课：{chinese}"))
    };
    chinese().unwrap_or_else(|| lesson.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases;

    #[test]
    fn every_topic_is_there_in_chinese() {
        for case in cases::all() {
            assert!(
                in_chinese(case.lesson).starts_with("第 "),
                "{}: {} has no Chinese in src/topics.rs",
                case.name,
                case.lesson
            );
        }
    }

    #[test]
    fn every_topic_is_one_of_a_case() {
        for (english, _) in TOPICS {
            let is_used = cases::all().any(|case| case.lesson.ends_with(&format!(": {english}")));
            assert!(is_used, "no case is about \"{english}\" any more: take it out of src/topics.rs");
        }
    }
}
