// Hosts: endpoint agents, Linux audit and syslog, and lines of text.

#include "src/logsource/builtin_table.h"

namespace tocsin::logsource {
namespace {

// --- Endpoint agents -------------------------------------------------------

constexpr Rename kDefenderProcess[] = {
    {"FolderPath", "Image"},
    {"ProcessCommandLine", "CommandLine"},
    {"InitiatingProcessFolderPath", "ParentImage"},
    {"InitiatingProcessCommandLine", "ParentCommandLine"},
    {"ProcessVersionInfoOriginalFileName", "OriginalFileName"},
    {"ProcessVersionInfoFileDescription", "Description"},
    {"ProcessVersionInfoProductName", "Product"},
    {"ProcessVersionInfoCompanyName", "Company"},
    {"ProcessIntegrityLevel", "IntegrityLevel"},
    {"AccountName", "User"},
    {"InitiatingProcessId", "ParentProcessId"},
};
// In all other Defender tables the process is the initiating one.
constexpr Rename kDefenderActor[] = {
    {"InitiatingProcessFolderPath", "Image"},
    {"InitiatingProcessCommandLine", "CommandLine"},
    {"InitiatingProcessAccountName", "User"},
    {"InitiatingProcessId", "ProcessId"},
};
constexpr Rename kDefenderFile[] = {{"FolderPath", "TargetFilename"}};
constexpr Rename kDefenderImage[] = {{"FolderPath", "ImageLoaded"}};
constexpr Rename kDefenderRegistry[] = {
    {"RegistryKey", "TargetObject"},
    {"RegistryValueData", "Details"},
};
constexpr Rename kDefenderNetwork[] = {
    {"RemoteIP", "DestinationIp"},        {"RemotePort", "DestinationPort"},
    {"RemoteUrl", "DestinationHostname"}, {"LocalIP", "SourceIp"},
    {"LocalPort", "SourcePort"},
};

constexpr Recognizer Defender(std::string_view name, std::string_view actions,
                              std::string_view example,
                              std::span<const Rename> renames,
                              std::string_view first,
                              std::string_view second = {}) {
  return {.name = name,
          .when = {{"ActionType", Test::kEquals, actions},
                   {"DeviceId"},
                   {"InitiatingProcessFileName"}},
          .sources = {.categories = {first, second}, .renames = renames},
          .example = example};
}

constexpr Rename kFalcon[] = {
    {"ImageFileName", "Image"},
    {"ParentBaseFileName", "ParentImage"},
    {"RawProcessId", "ProcessId"},
    {"UserName", "User"},
};

constexpr Rename kOcsfProcess[] = {
    {"process.file.path", "Image"},
    {"process.cmd_line", "CommandLine"},
    {"process.pid", "ProcessId"},
    {"process.user.name", "User"},
    {"process.parent_process.file.path", "ParentImage"},
    {"process.parent_process.cmd_line", "ParentCommandLine"},
    {"actor.process.file.path", "ParentImage"},
    {"actor.process.cmd_line", "ParentCommandLine"},
};
constexpr Rename kOcsfFile[] = {
    {"file.path", "TargetFilename"},
    {"actor.process.file.path", "Image"},
    {"actor.process.cmd_line", "CommandLine"},
    {"actor.user.name", "User"},
};

constexpr Rename kEndpointSecurity[] = {
    {"event.exec.target.executable.path", "Image"},
    {"event.exec.args", "CommandLine"},
    {"process.executable.path", "ParentImage"},
};
constexpr Rename kTetragon[] = {
    {"process_exec.process.binary", "Image"},
    {"process_exec.process.arguments", "CommandLine"},
    {"process_exec.process.cwd", "CurrentDirectory"},
    {"process_exec.parent.binary", "ParentImage"},
    {"process_exec.parent.arguments", "ParentCommandLine"},
};

// Values under which agents tell the operating system.
constexpr std::string_view kSystemField =
    "host.os.type|host.os.platform|os.type|os.name|os|OS|platform|OSPlatform";
constexpr std::string_view kLinux = "linux|ubuntu|debian|centos|rhel|fedora";
constexpr std::string_view kMac = "macos|darwin|osx|mac os x";

constexpr Recognizer OnSystem(std::string_view name, std::string_view systems,
                              std::string_view product,
                              std::string_view category, Condition first,
                              Condition second, std::string_view example) {
  return {.name = name,
          .when = {{kSystemField, Test::kEquals, systems}, first, second},
          .sources = {.products = {product}, .categories = {category}},
          .example = example};
}

// Events that use Sigma's names and a Windows path, but carry no id.
constexpr Recognizer OnWindows(std::string_view name, std::string_view category,
                               Condition first, Condition second,
                               std::string_view example) {
  return {.name = name,
          .when = {{"EventID", Test::kMissing}, first, second},
          .sources = {.products = {"windows"}, .categories = {category}},
          .example = example};
}

constexpr std::string_view kMacFolders =
    "/System/|/Applications/|/Library/|/Users/|/private/";

constexpr Recognizer kEndpoint[] = {
    {.name = "Microsoft Defender on Windows",
     .when = {{"ActionType"},
              {"DeviceId"},
              {"InitiatingProcessFolderPath|FolderPath|"
               "InitiatingProcessCommandLine",
               Test::kContains, ":\\"}},
     .sources = {.products = {"windows"}},
     .example = R"({"ActionType":"LdapSearch","DeviceId":"0",)"
                R"("InitiatingProcessFolderPath":"C:\\a.exe"})"},
    Defender("Microsoft Defender, process created", "ProcessCreated",
             R"({"ActionType":"ProcessCreated","DeviceId":"0",)"
             R"("InitiatingProcessFileName":"a"})",
             kDefenderProcess, "process_creation"),
    Defender("Microsoft Defender, file created", "FileCreated",
             R"({"ActionType":"FileCreated","DeviceId":"0",)"
             R"("InitiatingProcessFileName":"a"})",
             kDefenderFile, "file_event"),
    Defender("Microsoft Defender, file renamed", "FileRenamed",
             R"({"ActionType":"FileRenamed","DeviceId":"0",)"
             R"("InitiatingProcessFileName":"a"})",
             kDefenderFile, "file_rename"),
    Defender("Microsoft Defender, file deleted", "FileDeleted",
             R"({"ActionType":"FileDeleted","DeviceId":"0",)"
             R"("InitiatingProcessFileName":"a"})",
             kDefenderFile, "file_delete"),
    Defender("Microsoft Defender, image loaded", "ImageLoaded",
             R"({"ActionType":"ImageLoaded","DeviceId":"0",)"
             R"("InitiatingProcessFileName":"a"})",
             kDefenderImage, "image_load"),
    Defender("Microsoft Defender, registry value set", "RegistryValueSet",
             R"({"ActionType":"RegistryValueSet","DeviceId":"0",)"
             R"("InitiatingProcessFileName":"a"})",
             kDefenderRegistry, "registry_set", "registry_event"),
    Defender("Microsoft Defender, registry key made", "RegistryKeyCreated",
             R"({"ActionType":"RegistryKeyCreated","DeviceId":"0",)"
             R"("InitiatingProcessFileName":"a"})",
             kDefenderRegistry, "registry_add", "registry_event"),
    Defender("Microsoft Defender, registry key or value removed",
             "RegistryKeyDeleted|RegistryValueDeleted",
             R"({"ActionType":"RegistryKeyDeleted","DeviceId":"0",)"
             R"("InitiatingProcessFileName":"a"})",
             kDefenderRegistry, "registry_delete", "registry_event"),
    Defender("Microsoft Defender, connection",
             "ConnectionSuccess|ConnectionFailed|ConnectionRequest",
             R"({"ActionType":"ConnectionSuccess","DeviceId":"0",)"
             R"("InitiatingProcessFileName":"a"})",
             kDefenderNetwork, "network_connection"),
    {.name = "Microsoft Defender, who did it",
     .when = {{"ActionType", Test::kNotEquals, "ProcessCreated"},
              {"ActionType"},
              {"DeviceId"},
              {"InitiatingProcessFileName"}},
     .sources = {.renames = kDefenderActor},
     .example = R"({"ActionType":"FileCreated","DeviceId":"0",)"
                R"("InitiatingProcessFileName":"a"})"},

    {.name = "CrowdStrike Falcon process on Windows",
     .when = {{"event_simpleName", Test::kStartsWith, "ProcessRollup2"},
              {"event_platform", Test::kEquals, "Win"}},
     .sources = {.products = {"windows"},
                 .categories = {"process_creation"},
                 .renames = kFalcon},
     .example = R"({"event_simpleName":"ProcessRollup2",)"
                R"("event_platform":"Win"})"},
    {.name = "CrowdStrike Falcon process on Linux",
     .when = {{"event_simpleName", Test::kStartsWith, "ProcessRollup2"},
              {"event_platform", Test::kEquals, "Lin"}},
     .sources = {.products = {"linux"},
                 .categories = {"process_creation"},
                 .renames = kFalcon},
     .example = R"({"event_simpleName":"ProcessRollup2",)"
                R"("event_platform":"Lin"})"},
    {.name = "CrowdStrike Falcon process on macOS",
     .when = {{"event_simpleName", Test::kStartsWith, "ProcessRollup2"},
              {"event_platform", Test::kEquals, "Mac"}},
     .sources = {.products = {"macos"},
                 .categories = {"process_creation"},
                 .renames = kFalcon},
     .example = R"({"event_simpleName":"ProcessRollup2",)"
                R"("event_platform":"Mac"})"},

    {.name = "OCSF on Windows",
     .when = {{"class_uid", Test::kEquals, "1001|1007"},
              {"device.os.type|device.os.name", Test::kStartsWith, "Windows"}},
     .sources = {.products = {"windows"}},
     .example = R"({"class_uid":1007,"device":{"os":{"type":"Windows"}}})"},
    {.name = "OCSF on Linux",
     .when = {{"class_uid", Test::kEquals, "1001|1007"},
              {"device.os.type|device.os.name", Test::kStartsWith, "Linux"}},
     .sources = {.products = {"linux"}},
     .example = R"({"class_uid":1007,"device":{"os":{"type":"Linux"}}})"},
    {.name = "OCSF on macOS",
     .when = {{"class_uid", Test::kEquals, "1001|1007"},
              {"device.os.type|device.os.name", Test::kStartsWith, "macOS"}},
     .sources = {.products = {"macos"}},
     .example = R"({"class_uid":1007,"device":{"os":{"type":"macOS"}}})"},
    {.name = "OCSF process launched",
     .when = {{"class_uid", Test::kEquals, "1007"},
              {"activity_id", Test::kEquals, "1"},
              {"device.os.type|device.os.name"}},
     .sources = {.categories = {"process_creation"}, .renames = kOcsfProcess},
     .example = R"({"class_uid":1007,"activity_id":1,)"
                R"("device":{"os":{"type":"Linux"}}})"},
    {.name = "OCSF file created",
     .when = {{"class_uid", Test::kEquals, "1001"},
              {"activity_id", Test::kEquals, "1"},
              {"device.os.type|device.os.name"}},
     .sources = {.categories = {"file_event"}, .renames = kOcsfFile},
     .example = R"({"class_uid":1001,"activity_id":1,)"
                R"("device":{"os":{"type":"Linux"}}})"},

    {.name = "Endpoint Security of macOS, process started",
     .when = {{"event.exec.target.executable.path"},
              {"process.executable.path"}},
     .sources = {.products = {"macos"},
                 .categories = {"process_creation"},
                 .renames = kEndpointSecurity},
     .example = R"({"event":{"exec":{"target":{"executable":)"
                R"({"path":"/bin/ls"}}}},)"
                R"("process":{"executable":{"path":"/bin/zsh"}}})"},
    {.name = "Tetragon, process started",
     .when = {{"process_exec.process.binary"}},
     .sources = {.products = {"linux"},
                 .categories = {"process_creation"},
                 .renames = kTetragon},
     .example = R"({"process_exec":{"process":{"binary":"/usr/bin/id"}}})"},

    OnSystem("process on Linux, named as the taxonomy does", kLinux, "linux",
             "process_creation", {"Image"}, {"CommandLine"},
             R"({"os":"linux","Image":"/usr/bin/id","CommandLine":"id"})"),
    OnSystem("file on Linux, named as the taxonomy does", kLinux, "linux",
             "file_event", {"TargetFilename"}, {"EventID", Test::kMissing},
             R"({"os":"linux","TargetFilename":"/etc/passwd"})"),
    OnSystem("connection on Linux, named as the taxonomy does", kLinux, "linux",
             "network_connection", {"Image"}, {"DestinationIp"},
             R"({"os":"linux","Image":"/usr/bin/nc",)"
             R"("DestinationIp":"192.0.2.1"})"),
    OnSystem("process on macOS, named as the taxonomy does", kMac, "macos",
             "process_creation", {"Image"}, {"CommandLine"},
             R"({"os":"macos","Image":"/usr/bin/id","CommandLine":"id"})"),
    OnSystem("file on macOS, named as the taxonomy does", kMac, "macos",
             "file_event", {"TargetFilename"}, {"EventID", Test::kMissing},
             R"({"os":"macos","TargetFilename":"/etc/passwd"})"),
    {.name = "process in a folder that only macOS has",
     .when = {{kSystemField, Test::kMissing},
              {"Image", Test::kStartsWith, kMacFolders},
              {"CommandLine"}},
     .sources = {.products = {"macos"}, .categories = {"process_creation"}},
     .example = R"({"Image":"/Applications/A.app/Contents/MacOS/A",)"
                R"("CommandLine":"A"})"},

    OnWindows("process with a drive letter", "process_creation",
              {"Image", Test::kContains, ":\\"}, {"CommandLine"},
              R"({"Image":"C:\\a.exe","CommandLine":"a"})"),
    OnWindows("connection of a process with a drive letter",
              "network_connection", {"Image", Test::kContains, ":\\"},
              {"DestinationIp|DestinationHostname"},
              R"({"Image":"C:\\a.exe","DestinationIp":"192.0.2.1"})"),
    OnWindows("image loaded by a process with a drive letter", "image_load",
              {"Image", Test::kContains, ":\\"}, {"ImageLoaded"},
              R"({"Image":"C:\\a.exe","ImageLoaded":"C:\\a.dll"})"),
    OnWindows("PowerShell script block", "ps_script", {"ScriptBlockText"},
              {"ScriptBlockText"}, R"({"ScriptBlockText":"Get-Item"})"),
};

// --- Linux audit and syslog ------------------------------------------------

constexpr std::string_view kAuditTypes =
    "SYSCALL|EXECVE|PATH|CWD|PROCTITLE|SOCKADDR|TTY|USER_TTY|USER_CMD|USER_"
    "AUTH|"
    "USER_ACCT|USER_LOGIN|USER_START|USER_END|CRED_ACQ|CRED_DISP|ADD_USER|"
    "DEL_USER|ADD_GROUP|DEL_GROUP|USER_MGMT|GRP_MGMT|USER_CHAUTHTOK|"
    "SERVICE_START|SERVICE_STOP|CONFIG_CHANGE|DAEMON_START|DAEMON_END|AVC|"
    "SECCOMP|KERN_MODULE|BPF|ANOM_PROMISCUOUS|ANOM_ABEND";

// Arguments are a list there: their places, which rules name, are lost.
constexpr Rename kLaurel[] = {
    {"PATH.name", "name"},  {"SYSCALL.SYSCALL", "SYSCALL"},
    {"SYSCALL.exe", "exe"}, {"SYSCALL.comm", "comm"},
    {"SYSCALL.key", "key"}, {"SYSCALL.euid", "euid"},
};
constexpr Rename kSyslogTable[] = {{"SyslogMessage", "message"}};

constexpr std::string_view kProgramField =
    "SYSLOG_IDENTIFIER|programname|PROGRAM|program|appname|app_name|ident|"
    "syslog.appname|process.name|ProcessName";
constexpr std::string_view kMessageField =
    "MESSAGE|message|msg|SyslogMessage|log";

// A syslog record of one program: text, and the name of who wrote it.
constexpr Recognizer Program(std::string_view name, std::string_view programs,
                             std::string_view example, std::string_view service,
                             std::string_view second = {}) {
  return {.name = name,
          .when = {{kProgramField, Test::kEquals, programs}, {kMessageField}},
          .sources = {.products = {"linux"}, .services = {service, second}},
          .example = example};
}

constexpr Recognizer kLinuxRows[] = {
    {.name = "audit record",
     .when = {{"type", Test::kEquals, kAuditTypes},
              {"auid|serial|syscall|argc|a0|nametype|proctitle|cwd|saddr|"
               "SYSCALL|acct|unit"}},
     .sources = {.products = {"linux"}, .services = {"auditd"}},
     .example = R"({"type":"EXECVE","argc":"2","a0":"id","a1":"-u"})"},
    {.name = "audit record with its stamp",
     .when = {{"type", Test::kEquals, kAuditTypes},
              {"msg", Test::kStartsWith, "audit("}},
     .sources = {.products = {"linux"}, .services = {"auditd"}},
     .example = R"({"type":"TTY","msg":"audit(1.2:3):"})"},
    {.name = "audit event, joined by laurel",
     .when = {{"SYSCALL.syscall|EXECVE.argc|EXECVE.ARGV|PATH.name"}, {"ID"}},
     .sources = {.products = {"linux"},
                 .services = {"auditd"},
                 .renames = kLaurel},
     .example = R"({"ID":"1.2:3","SYSCALL":{"syscall":59}})"},
    {.name = "journal of systemd",
     .when = {{"__REALTIME_TIMESTAMP|_SYSTEMD_UNIT|_BOOT_ID"}, {"MESSAGE"}},
     .sources = {.products = {"linux"}, .services = {"syslog"}},
     .example = R"({"_BOOT_ID":"0","MESSAGE":"a"})"},
    {.name = "Azure Monitor table Syslog",
     .when = {{"SyslogMessage"}, {"Facility|SeverityLevel"}},
     .sources = {.products = {"linux"},
                 .services = {"syslog"},
                 .renames = kSyslogTable},
     .example = R"({"SyslogMessage":"a","Facility":"user"})"},
    {.name = "facility auth",
     .when = {{"facility|Facility|syslogfacility-text|FACILITY|"
               "syslog.facility.name|SYSLOG_FACILITY",
               Test::kEquals, "auth|authpriv|4|10"},
              {"SYSLOG_IDENTIFIER|SyslogMessage|programname|PROGRAM|appname"}},
     .sources = {.products = {"linux"}, .services = {"auth"}},
     .example = R"({"SYSLOG_FACILITY":"10","SYSLOG_IDENTIFIER":"su"})"},
    Program("sshd", "sshd|sshd-session|sshd-auth",
            R"({"SYSLOG_IDENTIFIER":"sshd","MESSAGE":"a"})", "sshd", "auth"),
    Program("sudo", "sudo", R"({"programname":"sudo","msg":"a"})", "sudo",
            "auth"),
    Program("su, login, pkexec", "su|login|pkexec|polkitd|passwd|useradd",
            R"({"program":"pkexec","message":"a"})", "auth"),
    Program("cron", "cron|crond|crontab|anacron",
            R"({"appname":"CRON","message":"a"})", "cron"),
    Program("ClamAV", "clamd|clamscan|clamdscan|freshclam|clamav",
            R"({"PROGRAM":"clamd","MESSAGE":"a"})", "clamav"),
    Program("vsftpd", "vsftpd", R"({"ident":"vsftpd","message":"a"})",
            "vsftpd"),
    Program("Guacamole", "guacd", R"({"program":"guacd","message":"a"})",
            "guacamole"),
    Program(
        "named, systemd, kernel",
        "named|systemd|systemd-logind|kernel|rsyslogd|syslog-ng|dbus-daemon|"
        "NetworkManager|firewalld|iptables",
        R"({"program":"named","message":"a"})", "syslog"),
    Program("audit in syslog", "audit|auditd|audispd|audisp-syslog",
            R"({"program":"audispd","message":"type=SYSCALL"})", "auditd"),
};

// --- Lines of text ---------------------------------------------------------

constexpr std::string_view kLine = "message|event.original|_raw|log|line";

constexpr Recognizer Line(std::string_view name, std::string_view texts,
                          std::string_view example, std::string_view product,
                          std::string_view service,
                          std::string_view second = {}) {
  return {.name = name,
          .when = {{kLine, Test::kContains, texts}},
          .sources = {.products = {product}, .services = {service, second}},
          .example = example};
}

constexpr Recognizer kText[] = {
    Line("line of sshd", " sshd[| sshd-session[",
         R"({"message":"Jan 15 10:20:30 a sshd[7]: b"})", "linux", "sshd",
         "auth"),
    Line("line of sudo", " sudo[|pam_unix(sudo:| ; COMMAND=",
         R"({"message":"a sudo: kim : TTY=pts/0 ; USER=root ; COMMAND=/b"})",
         "linux", "sudo", "auth"),
    Line("line of su, login, pkexec",
         " su[|pam_unix(su:|pam_unix(su-l:| login[| pkexec[| polkitd[|"
         " useradd[| passwd[",
         R"({"message":"Jan 15 10:20:30 a pkexec[7]: b"})", "linux", "auth"),
    Line("line of cron", " CRON[| crond[| crontab[| anacron[",
         R"({"message":"Jan 15 10:20:30 a CRON[7]: b"})", "linux", "cron"),
    Line("line of ClamAV", " clamd[| freshclam[| clamscan[",
         R"({"message":"Jan 15 10:20:30 a clamd[7]: b FOUND"})", "linux",
         "clamav"),
    Line("line of vsftpd", " vsftpd[",
         R"({"message":"Jan 15 10:20:30 a vsftpd[7]: b"})", "linux", "vsftpd"),
    Line("line of Guacamole", " guacd[",
         R"({"message":"Jan 15 10:20:30 a guacd[7]: b"})", "linux",
         "guacamole"),
    Line("line of named, systemd or the kernel",
         " named[| systemd[| systemd-logind[| kernel: [| rsyslogd[",
         R"({"message":"Jan 15 10:20:30 a named[7]: b"})", "linux", "syslog"),
    Line("line of the audit daemon", "msg=audit(",
         R"({"message":"type=SYSCALL msg=audit(1.2:3): arch=c000003e"})",
         "linux", "auditd"),
    Line("Cisco IOS message",
         "%PARSER-|%SYS-|%SEC_LOGIN-|%AAA-|%AAAA-|%AUTHMGR-|%DOT1X-|%WEBUI-|"
         "%LINK-|%LINEPROTO-|%BGP-|%LDP-|%TCP-|%IP-TCP-|%SSH-|%HA_EM-|%OSPF-|"
         "%DUAL-|%TACACS-|%RADIUS-|%CRYPTO-|%PKI-|%CONFIG_CSRLIB-",
         R"({"message":"a: %SYS-5-CONFIG_I: b"})", "cisco", "syslog"),
    Line("Cisco IOS command or login",
         "%PARSER-5-CFGLOG|%AAA-|%AAAA-|%SEC_LOGIN-|%AUTHMGR-|%DOT1X-|%TACACS-|"
         "%RADIUS-",
         R"({"message":"a: %PARSER-5-CFGLOG_LOGGEDCMD: b"})", "cisco", "aaa"),
    Line("Cisco IOS BGP", "%BGP-|%TCP-6-BADAUTH|IP-TCP-3-BADAUTH",
         R"({"message":"a: %TCP-6-BADAUTH: b:179"})", "cisco", "bgp"),
    Line("Cisco IOS LDP", "%LDP-|%ROUTING-LDP-|%L2-LDP|LDP-5-",
         R"({"message":"a: %LDP-5-NBRCHG: b"})", "cisco", "ldp"),
    Line("Huawei BGP", "%%01BGP/|BGP_AUTH_FAILED",
         R"({"message":"a %%01BGP/3/BGP_AUTH_FAILED(l): b"})", "huawei", "bgp"),
    Line("Juniper BGP", "tcp_auth_ok: |bgp_read_v4_message|RPD_BGP_",
         R"({"message":"a tcp_auth_ok: Packet from 192.0.2.1:179 b"})",
         "juniper", "bgp"),
};

}  // namespace

std::span<const Recognizer> EndpointRows() { return kEndpoint; }
std::span<const Recognizer> LinuxRows() { return kLinuxRows; }
std::span<const Recognizer> TextRows() { return kText; }

}  // namespace tocsin::logsource
