// What Windows event logs are in the Elastic Common Schema: what each log's
// events have, whatever they are about. What single kinds of them mean is in
// ecs_windows_events.cc.

#include "src/logsource/ecs_tables.h"

namespace tocsin::logsource {
namespace {

using enum base::Derivation;

// A machine is known by its name: the logs have no other sign of it.
constexpr std::string_view kMachine =
    "Computer|Hostname|ComputerName|MachineName|host.name|System.Computer";

constexpr EcsField kAny[] = {
    {"host.os.type", "", kValue, "windows"},
    {"host.os.family", "", kValue, "windows"},
    {"host.name", kMachine},
    {"host.hostname", kMachine},
    {"host.id", kMachine},
    {"event.kind", "", kValue, "event"},
    {"event.module", "", kValue, "windows"},
    {"event.code", "EventID"},
    {"event.provider", "Provider_Name"},
    {"message", "Message"},
    {"winlog.computer_name", kMachine},
    {"winlog.channel", "Channel"},
    {"winlog.event_id", "EventID"},
    {"winlog.provider_name", "Provider_Name"},
    {"winlog.provider_guid", "Provider_Guid|ProviderGuid"},
    {"winlog.record_id", "EventRecordID|RecordNumber|RecordId"},
    {"winlog.user.identifier", "Security_UserID|UserID"},
    {"winlog.process.pid", "Execution_ProcessID|ExecutionProcessID"},
    {"winlog.event_data.*", "*"},
};

// Signs of well-known accounts; others are known by their name.
constexpr std::string_view kWellKnown =
    "NT AUTHORITY\\SYSTEM=S-1-5-18;"
    "NT AUTHORITY\\LOCAL SERVICE=S-1-5-19;"
    "NT AUTHORITY\\NETWORK SERVICE=S-1-5-20;*=*";
constexpr std::string_view kUser = "User|SourceUser";
constexpr std::string_view kImage = "Image|SourceImage";

// Fields of the process that an event is about or was caused by.
constexpr EcsField kSysmon[] = {
    {"event.dataset", "", kValue, "windows.sysmon_operational"},
    {"data_stream.dataset", "", kValue, "windows.sysmon_operational"},
    {"event.outcome", "", kValue, "success"},
    {"process.executable", kImage},
    {"process.name", kImage, kFileName},
    {"process.name.caseless", kImage, kFileName},
    {"process.pid", "ProcessId|SourceProcessId"},
    {"process.entity_id", "ProcessGuid|SourceProcessGUID|SourceProcessGuid"},
    {"process.thread.id", "SourceThreadId"},
    {"user.name", kUser, kAccount},
    {"user.domain", kUser, kDomain},
    {"user.id", kUser, kSame, "", kWellKnown},
};

constexpr EcsField kSecurity[] = {
    {"event.dataset", "", kValue, "system.security"},
    {"data_stream.dataset", "", kValue, "system.security"},
    // Also as some shippers write the number of the flags.
    {"event.outcome", "Keywords", kSame, "",
     "0x8020000000000000=success;0x8010000000000000=failure;"
     "Audit Success=success;Audit Failure=failure;"
     "-9214364837600034816=success;-9218868437227405312=failure;"
     "9232379236109516800=success;9227875636482146304=failure"},
    {"user.name", "SubjectUserName|TargetUserName"},
    {"user.domain", "SubjectDomainName|TargetDomainName"},
    {"user.id", "SubjectUserSid|TargetUserSid|TargetSid"},
    {"user.target.name", "TargetUserName"},
    {"user.target.domain", "TargetDomainName"},
    {"user.target.id", "TargetUserSid|TargetSid"},
    {"process.executable", "ProcessName|CallerProcessName"},
    {"process.name", "ProcessName|CallerProcessName", kFileName},
    {"process.pid", "ProcessId|CallerProcessId"},
    {"source.ip", "IpAddress|ClientAddress", kIp},
    {"source.port", "IpPort", kSame, "", "-=;*=*"},
    {"source.domain", "WorkstationName|Workstation", kSame, "", "-=;*=*"},
    {"winlog.logon.id", "TargetLogonId|SubjectLogonId"},
    {"winlog.logon.type", "LogonType", kSame, "",
     "2=Interactive;3=Network;4=Batch;5=Service;7=Unlock;8=NetworkCleartext;"
     "9=NewCredentials;10=RemoteInteractive;11=CachedInteractive"},
};

constexpr EcsField kSystem[] = {
    {"event.dataset", "", kValue, "system.system"},
    {"data_stream.dataset", "", kValue, "system.system"},
    {"user.id", "Security_UserID|UserID"},
};
constexpr EcsField kApplication[] = {
    {"event.dataset", "", kValue, "system.application"},
    {"data_stream.dataset", "", kValue, "system.application"},
    {"user.id", "Security_UserID|UserID"},
};
constexpr EcsField kPowerShell[] = {
    {"event.dataset", "", kValue, "windows.powershell_operational"},
    {"data_stream.dataset", "", kValue, "windows.powershell_operational"},
    {"event.category", "", kValue, "process"},
    {"event.type", "", kValue, "info"},
    {"user.id", "Security_UserID|UserID"},
    {"process.pid", "Execution_ProcessID|ExecutionProcessID"},
    {"powershell.file.script_block_text", "ScriptBlockText"},
    {"powershell.file.script_block_id", "ScriptBlockId"},
    {"powershell.sequence", "MessageNumber"},
    {"powershell.total", "MessageTotal"},
    {"file.path", "Path"},
    {"file.name", "Path", kFileName},
    {"file.directory", "Path", kFolder},
    {"file.extension", "Path", kExtension},
};
constexpr EcsField kPowerShellClassic[] = {
    {"event.dataset", "", kValue, "windows.powershell"},
    {"data_stream.dataset", "", kValue, "windows.powershell"},
    {"event.category", "", kValue, "process"},
    {"event.type", "", kValue, "info"},
};

// Sysmon for Linux writes as its model does.
constexpr EcsField kSysmonLinux[] = {
    {"host.os.type", "", kValue, "linux"},
    {"host.name", kMachine},
    {"host.id", kMachine},
    {"event.kind", "", kValue, "event"},
    {"event.module", "", kValue, "sysmon_linux"},
    {"event.code", "EventID"},
    {"event.provider", "Provider_Name"},
    {"process.executable", kImage},
    {"process.name", kImage, kFileName},
    {"process.pid", "ProcessId"},
    {"process.entity_id", "ProcessGuid"},
    {"user.name", "User"},
    {"winlog.event_data.*", "*"},
};

constexpr EcsTable kTables[] = {
    {.name = "Sysmon",
     .product = "windows",
     .service = "sysmon",
     .fields = kSysmon,
     .example = R"({"Channel":"Microsoft-Windows-Sysmon/Operational",)"
                R"("EventID":8,"SourceImage":"C:\\Tools\\a.exe",)"
                R"("SourceUser":"NT AUTHORITY\\SYSTEM"})",
     .example_fields = "process.name=a.exe\nuser.domain=NT AUTHORITY\n"
                       "user.id=S-1-5-18"},
    {.name = "Sysmon for Linux",
     .product = "linux",
     .service = "sysmon",
     .fields = kSysmonLinux,
     .example = R"({"Channel":"Linux-Sysmon/Operational","EventID":5,)"
                R"("Image":"/usr/bin/id"})",
     .example_fields = "host.os.type=linux\nprocess.name=id"},
    {.name = "Security",
     .product = "windows",
     .service = "security",
     .fields = kSecurity,
     .example = R"({"Channel":"Security","EventID":4720,)"
                R"("Keywords":"0x8020000000000000",)"
                R"("SubjectUserName":"kim","TargetUserName":"lee"})",
     .example_fields = "event.outcome=success\nuser.name=kim\n"
                       "user.target.name=lee"},
    {.name = "System",
     .product = "windows",
     .service = "system",
     .fields = kSystem,
     .example = R"({"Channel":"System","EventID":7036})",
     .example_fields = "event.dataset=system.system"},
    {.name = "Application",
     .product = "windows",
     .service = "application",
     .fields = kApplication,
     .example = R"({"Channel":"Application","EventID":1000})",
     .example_fields = "event.dataset=system.application"},
    {.name = "PowerShell",
     .product = "windows",
     .service = "powershell",
     .fields = kPowerShell,
     .example = R"({"Channel":"Microsoft-Windows-PowerShell/Operational",)"
                R"("EventID":4104,"ScriptBlockText":"Get-Date",)"
                R"("Path":"C:\\Scripts\\a.ps1"})",
     .example_fields = "powershell.file.script_block_text=Get-Date\n"
                       "file.extension=ps1"},
    {.name = "PowerShell, classic log",
     .product = "windows",
     .service = "powershell-classic",
     .fields = kPowerShellClassic,
     .example = R"({"Channel":"Windows PowerShell","EventID":400})",
     .example_fields = "event.category=process"},
    {.name = "all Windows logs",
     .product = "windows",
     .fields = kAny,
     .example = R"({"Channel":"Setup","EventID":2,"Computer":"pc.example.com",)"
                R"("Name":"KB1"})",
     .example_fields = "host.os.type=windows\nevent.code=2\n"
                       "host.id=pc.example.com\nwinlog.event_data.Name=KB1"},
};

}  // namespace

std::span<const EcsTable> EcsWindowsTables() { return kTables; }

}  // namespace tocsin::logsource
