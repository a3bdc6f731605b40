// What audit records and lines of logs of Linux are in the Elastic Common
// Schema.

#include "src/logsource/ecs_tables.h"

namespace tocsin::logsource {
namespace {

using enum base::Derivation;

constexpr std::string_view kMachine =
    "host.name|Computer|hostname|HostName|node|NODE|_HOSTNAME|host";
constexpr std::string_view kMessage =
    "MESSAGE|message|msg|SyslogMessage|log|event.original|_raw|line";
// Arguments of EXECVE records, one field each; laurel has a list of them.
constexpr std::string_view kArgumentFields =
    "EXECVE.ARGV|a0|a1|a2|a3|a4|a5|a6|a7|a8|a9|a10|a11|a12|a13|a14|a15|a16|a17|"
    "a18|a19|a20|a21|a22|a23|a24|a25|a26|a27|a28|a29|a30|a31";

constexpr EcsField kLinux[] = {
    {"host.os.type", "", kValue, "linux"},
    {"host.os.family", "", kValue, "linux"},
    {"host.name", kMachine},
    {"host.hostname", kMachine},
    {"host.id", kMachine},
    {"event.kind", "", kValue, "event"},
};

constexpr EcsField kAudit[] = {
    {"event.module", "", kValue, "auditd"},
    {"event.dataset", "", kValue, "auditd_manager.auditd"},
    {"data_stream.dataset", "", kValue, "auditd_manager.auditd"},
    {"event.outcome", "success|SYSCALL.success|res|result", kSame, "",
     "yes=success;no=failure;success=success;failed=failure;1=success;"
     "0=failure"},
    {"process.executable", "exe"},
    {"process.name", "comm|exe", kFileName},
    {"process.pid", "pid|SYSCALL.pid"},
    {"process.parent.pid", "ppid|SYSCALL.ppid"},
    {"process.parent.executable", "PARENT_INFO.exe"},
    {"process.parent.name", "PARENT_INFO.comm"},
    {"process.parent.args", "PARENT_INFO.ARGV"},
    {"process.working_directory", "cwd|CWD.cwd"},
    {"user.id", "uid|SYSCALL.uid"},
    {"user.name", "UID|SYSCALL.UID|acct"},
    {"user.effective.id", "euid"},
    {"user.audit.id", "auid|SYSCALL.auid"},
    {"group.id", "gid|SYSCALL.gid"},
    {"file.path", "name|PATH.name"},
    {"file.name", "name|PATH.name", kFileName},
    {"source.ip", "addr", kIp},
    {"auditd.data.syscall", "SYSCALL.SYSCALL|SYSCALL|SYSCALL.syscall|syscall"},
    {"auditd.data.a0", "a0|SYSCALL.a0"},
    {"auditd.data.a1", "a1|SYSCALL.a1"},
    {"auditd.data.a2", "a2|SYSCALL.a2"},
    {"auditd.data.a3", "a3|SYSCALL.a3"},
    {"auditd.data.*", "*"},
    {"auditd.message_type", "type", kLower},
};
// A program was run; by the numbers of x86-64, too.
constexpr EcsField kExecuted[] = {
    {"event.category", "", kValue, "process"},
    {"event.type", "", kValue, "start"},
    {"event.action", "", kValue, "executed|exec"},
    {"process.args", kArgumentFields, kAll},
    {"process.args_count", "argc|EXECVE.argc"},
    {"process.executable", "exe|a0"},
    {"process.name", "comm|exe|a0", kFileName},
};
constexpr EcsField kExecuteCall[] = {
    {"event.category", "", kValue, "process"},
    {"event.type", "", kValue, "start"},
    {"event.action", "", kValue, "executed|exec"},
    {"process.args", "EXECVE.ARGV"},
    {"process.args_count", "EXECVE.argc"},
};
constexpr EcsField kAuditTypes[] = {
    {"event.category", "type", kSame, "",
     "PATH=file;USER_LOGIN=authentication;USER_AUTH=authentication;"
     "USER_START=session;USER_END=session;ADD_USER=iam;DEL_USER=iam;"
     "ADD_GROUP=iam;DEL_GROUP=iam;USER_MGMT=iam;GRP_MGMT=iam;"
     "USER_CHAUTHTOK=iam;KERN_MODULE=driver"},
    {"event.type", "type", kSame, "",
     "USER_LOGIN=start|info;USER_AUTH=info;USER_START=start;USER_END=end;"
     "ADD_USER=user|creation;DEL_USER=user|deletion;ADD_GROUP=group|creation;"
     "DEL_GROUP=group|deletion;USER_MGMT=user|change;GRP_MGMT=group|change;"
     "USER_CHAUTHTOK=user|change;KERN_MODULE=info"},
    {"event.action", "type", kSame, "",
     "USER_LOGIN=logged-in;USER_AUTH=authenticated;"
     "USER_START=started-session;USER_END=ended-session;"
     "ADD_USER=added-user-account;DEL_USER=deleted-user-account;"
     "ADD_GROUP=added-group-account-to;DEL_GROUP=deleted-group-account-from;"
     "USER_CHAUTHTOK=changed-password;KERN_MODULE=loaded-kernel-module"},
};

constexpr EcsField kSsh[] = {
    {"event.dataset", "", kValue, "system.auth"},
    {"data_stream.dataset", "", kValue, "system.auth"},
    {"event.module", "", kValue, "system"},
    {"event.category", kMessage, kCapture, "\\b(Accepted|Failed) [\\w/-]+ for ",
     "Accepted=authentication|session;Failed=authentication"},
    {"event.type", kMessage, kCapture, "\\b(Accepted|Failed) [\\w/-]+ for ",
     "Accepted=info|start;Failed=info"},
    {"event.action", kMessage, kCapture, "\\b(Accepted|Failed) [\\w/-]+ for ",
     "*=ssh_login"},
    {"event.outcome", kMessage, kCapture, "\\b(Accepted|Failed) [\\w/-]+ for ",
     "Accepted=success;Failed=failure"},
    {"system.auth.ssh.event", kMessage, kCapture,
     "\\b(Accepted|Failed|Invalid) "},
    {"system.auth.ssh.method", kMessage, kCapture,
     "\\b(?:Accepted|Failed) ([\\w/-]+) for "},
    {"user.name", kMessage, kCapture,
     "(?:\\bfor (?:invalid user )?|\\bInvalid user )(\\S+) from "},
    {"source.ip", kMessage, kCapture, " from ([0-9a-fA-F.:]+)(?: port |$)"},
    {"source.port", kMessage, kCapture, " from \\S+ port (\\d+)"},
    {"process.name", "", kValue, "sshd"},
};
constexpr EcsField kSudo[] = {
    {"event.dataset", "", kValue, "system.auth"},
    {"data_stream.dataset", "", kValue, "system.auth"},
    {"event.module", "", kValue, "system"},
    {"event.category", "", kValue, "process"},
    {"event.action", "", kValue, "sudo"},
    {"user.name", kMessage, kCapture, "(?:^|sudo(?:\\[\\d+\\])?: +)(\\S+) : "},
    {"user.effective.name", kMessage, kCapture, " ; USER=(\\S+) ;"},
    {"system.auth.sudo.tty", kMessage, kCapture, "\\bTTY=(\\S+) ;"},
    {"system.auth.sudo.pwd", kMessage, kCapture, " ; PWD=(.+?) ; "},
    {"system.auth.sudo.user", kMessage, kCapture, " ; USER=(\\S+) ;"},
    {"system.auth.sudo.command", kMessage, kCapture, " ; COMMAND=(.+)$"},
    {"process.name", "", kValue, "sudo"},
};
constexpr EcsField kSyslog[] = {
    {"event.dataset", "", kValue, "system.syslog"},
    {"data_stream.dataset", "", kValue, "system.syslog"},
    {"event.module", "", kValue, "system"},
    {"process.name",
     "SYSLOG_IDENTIFIER|programname|PROGRAM|program|appname|app_name|ident|"
     "syslog.appname|ProcessName"},
    {"message", kMessage},
};

constexpr EcsTable kTables[] = {
    {.name = "auditd, a program was run",
     .product = "linux",
     .service = "auditd",
     .when_field = "type",
     .when_values = "EXECVE",
     .fields = kExecuted,
     .example = R"({"type":"EXECVE","argc":"2","a0":"/usr/bin/id","a1":"-u"})",
     .example_fields = "event.action=executed, exec\nprocess.name=id\n"
                       "process.args=/usr/bin/id, -u\nprocess.args_count=2"},
    {.name = "auditd, a program was run (laurel)",
     .product = "linux",
     .service = "auditd",
     .when_field = "SYSCALL.SYSCALL",
     .when_values = "execve|execveat",
     .fields = kExecuteCall,
     .example = R"({"ID":"1.2:3","SYSCALL":{"SYSCALL":"execve",)"
                R"("exe":"/usr/bin/id","comm":"id","uid":"0"},)"
                R"("EXECVE":{"argc":1,"ARGV":["id"]}})",
     .example_fields = "event.type=start\nprocess.name=id\nprocess.args=id\n"
                       "user.id=0"},
    {.name = "auditd, what types mean",
     .product = "linux",
     .service = "auditd",
     .fields = kAuditTypes,
     .example = R"({"type":"USER_LOGIN","acct":"kim","addr":"192.0.2.1",)"
                R"("res":"failed","auid":"1"})",
     .example_fields = "event.category=authentication\nevent.outcome=failure\n"
                       "user.name=kim\nsource.ip=192.0.2.1"},
    {.name = "auditd",
     .product = "linux",
     .service = "auditd",
     .fields = kAudit,
     .example = R"({"type":"SYSCALL","SYSCALL":"connect","exe":"/usr/bin/nc",)"
                R"("syscall":"42","success":"yes","key":"net"})",
     .example_fields = "process.executable=/usr/bin/nc\n"
                       "auditd.data.syscall=connect\nevent.outcome=success\n"
                       "auditd.data.key=net"},
    {.name = "sshd",
     .product = "linux",
     .service = "sshd",
     .fields = kSsh,
     .example = R"({"SYSLOG_IDENTIFIER":"sshd","MESSAGE":)"
                R"("Failed password for invalid user lee from 192.0.2.1 )"
                R"(port 50022 ssh2"})",
     .example_fields = "event.action=ssh_login\nevent.outcome=failure\n"
                       "user.name=lee\nsource.ip=192.0.2.1\nsource.port=50022\n"
                       "system.auth.ssh.method=password"},
    {.name = "sudo",
     .product = "linux",
     .service = "sudo",
     .fields = kSudo,
     .example = R"({"SYSLOG_IDENTIFIER":"sudo","MESSAGE":)"
                R"("kim : TTY=pts/0 ; PWD=/home/kim ; USER=root ; )"
                R"(COMMAND=/usr/bin/id -u"})",
     .example_fields = "user.name=kim\nuser.effective.name=root\n"
                       "system.auth.sudo.command=/usr/bin/id -u"},
    {.name = "syslog of Linux",
     .product = "linux",
     .service = "syslog",
     .fields = kSyslog,
     .example = R"({"program":"kernel","message":"a"})",
     .example_fields = "process.name=kernel\nevent.dataset=system.syslog"},
    {.name = "all logs of Linux",
     .product = "linux",
     .fields = kLinux,
     .example =
         R"({"appname":"CRON","message":"a","hostname":"a.example.com"})",
     .example_fields = "host.os.type=linux\nhost.name=a.example.com"},
};

}  // namespace

std::span<const EcsTable> EcsLinuxTables() { return kTables; }

}  // namespace tocsin::logsource
