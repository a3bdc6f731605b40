// What kinds of Windows events mean in the Elastic Common Schema. Rules are
// written for what Elastic's agent and its integrations write, and these
// differ: `event.action` has the words of both.

#include "src/logsource/ecs_tables.h"

namespace tocsin::logsource {
namespace {

using enum base::Derivation;

constexpr std::string_view kHashes = "Hashes|Hash";

constexpr EcsField kProcessStart[] = {
    {"event.category", "", kValue, "process"},
    {"event.type", "", kValue, "start"},
    {"event.action", "", kValue,
     "start|created-process|Process Create (rule: ProcessCreate)"},
    {"process.executable", "Image"},
    {"process.name", "Image", kFileName},
    {"process.name.caseless", "Image", kFileName},
    {"process.command_line", "CommandLine"},
    {"process.args", "CommandLine", kWindowsArguments},
    {"process.args_count", "CommandLine", kArgumentCount},
    {"process.working_directory", "CurrentDirectory"},
    {"process.pid", "ProcessId"},
    {"process.entity_id", "ProcessGuid"},
    {"process.hash.md5", kHashes, kPair, "MD5"},
    {"process.hash.sha1", kHashes, kPair, "SHA1"},
    {"process.hash.sha256", kHashes, kPair, "SHA256"},
    {"process.pe.imphash", kHashes, kPair, "IMPHASH"},
    {"process.pe.original_file_name", "OriginalFileName"},
    {"process.pe.description", "Description"},
    {"process.pe.product", "Product"},
    {"process.pe.company", "Company"},
    {"process.pe.file_version", "FileVersion"},
    {"process.parent.executable", "ParentImage"},
    {"process.parent.name", "ParentImage", kFileName},
    {"process.parent.command_line", "ParentCommandLine"},
    {"process.parent.args", "ParentCommandLine", kWindowsArguments},
    {"process.parent.args_count", "ParentCommandLine", kArgumentCount},
    {"process.parent.pid", "ParentProcessId"},
    {"process.parent.entity_id", "ParentProcessGuid"},
    {"process.Ext.token.integrity_level_name", "IntegrityLevel", kSame, "",
     "S-1-16-4096=low;S-1-16-8192=medium;S-1-16-8448=medium plus;"
     "S-1-16-12288=high;S-1-16-16384=system;*=*"},
    {"winlog.logon.id", "LogonId|SubjectLogonId"},
};

constexpr EcsField kProcessEnd[] = {
    {"event.category", "", kValue, "process"},
    {"event.type", "", kValue, "end"},
    {"event.action", "", kValue,
     "end|exited-process|Process terminated (rule: ProcessTerminate)"},
    {"process.executable", "Image"},
    {"process.name", "Image", kFileName},
};

constexpr EcsField kNetwork[] = {
    {"event.category", "", kValue, "network"},
    {"event.type", "", kValue, "start|connection|protocol"},
    {"event.action", "Initiated", kSame, "",
     "true=connection_attempted|"
     "Network connection detected (rule: NetworkConnect);"
     "false=connection_accepted|"
     "Network connection detected (rule: NetworkConnect)"},
    {"source.ip", "SourceIp", kIp},
    {"source.address", "SourceIp"},
    {"source.port", "SourcePort"},
    {"source.domain", "SourceHostname", kSame, "", "-=;*=*"},
    {"destination.ip", "DestinationIp", kIp},
    {"destination.address", "DestinationIp"},
    {"destination.port", "DestinationPort"},
    {"destination.domain", "DestinationHostname", kSame, "", "-=;*=*"},
    {"network.transport", "Protocol", kLower},
    {"network.protocol", "DestinationPortName", kLower, "", "-=;*=*"},
    {"network.type", "DestinationIsIpv6", kSame, "", "false=ipv4;true=ipv6"},
    {"network.direction", "Initiated", kSame, "",
     "true=egress|outgoing|outbound;false=ingress|incoming|inbound"},
};

constexpr EcsField kFile[] = {
    {"event.category", "", kValue, "file"},
    {"file.path", "TargetFilename"},
    {"file.name", "TargetFilename", kFileName},
    {"file.directory", "TargetFilename", kFolder},
    {"file.extension", "TargetFilename", kExtension},
    {"file.hash.md5", kHashes, kPair, "MD5"},
    {"file.hash.sha1", kHashes, kPair, "SHA1"},
    {"file.hash.sha256", kHashes, kPair, "SHA256"},
};
constexpr EcsField kFileCreated[] = {
    {"event.type", "", kValue, "creation"},
    {"event.action", "", kValue, "creation|File created (rule: FileCreate)"},
};
constexpr EcsField kFileTime[] = {
    {"event.type", "", kValue, "change"},
    {"event.action", "", kValue,
     "A process changed a file creation time|"
     "File creation time changed (rule: FileCreateTime)"},
};
constexpr EcsField kFileStream[] = {
    {"event.type", "", kValue, "creation"},
    {"event.action", "", kValue,
     "creation|File stream created (rule: FileCreateStreamHash)"},
};
constexpr EcsField kFileDeleted[] = {
    {"event.type", "", kValue, "deletion"},
    {"event.action", "", kValue,
     "deletion|File Delete archived (rule: FileDelete)"},
};

constexpr EcsField kPipe[] = {
    {"event.category", "", kValue, "file"},
    {"event.type", "EventID", kSame, "", "17=creation;18=access"},
    {"event.action", "EventID", kSame, "",
     "17=Pipe Created (rule: PipeEvent);18=Pipe Connected (rule: PipeEvent)"},
    {"file.name", "PipeName"},
    {"file.path", "PipeName"},
};

constexpr EcsField kRegistry[] = {
    {"event.category", "", kValue, "registry"},
    {"registry.path", "TargetObject"},
    {"registry.hive", "TargetObject", kRoot, "", "HKU=HKEY_USERS|HKU;*=*"},
    {"registry.key", "TargetObject", kInnerPath},
    {"registry.data.strings", "Details", kRegistryData},
    // Events of the security log tell the value apart.
    {"registry.value", "ObjectValueName"},
};
// Of an object that was made or removed, only a name of a value ends the path.
constexpr EcsField kRegistryObject[] = {
    {"event.type", "EventType", kSame, "",
     "CreateKey=creation;DeleteKey=deletion;DeleteValue=deletion;*=change"},
    {"event.action", "EventType", kSame, "",
     "CreateKey=creation|"
     "Registry object added or deleted (rule: RegistryEvent);"
     "*=deletion|Registry object added or deleted (rule: RegistryEvent)"},
};
constexpr EcsField kRegistryValue[] = {
    {"event.type", "", kValue, "change"},
    {"event.action", "", kValue,
     "modification|Registry value set (rule: RegistryEvent)"},
    {"registry.value", "TargetObject", kFileName},
};

constexpr EcsField kLibrary[] = {
    {"event.category", "", kValue, "library"},
    {"event.type", "", kValue, "start"},
    {"event.action", "", kValue, "load|Image loaded (rule: ImageLoad)"},
    {"dll.path", "ImageLoaded"},
    {"dll.name", "ImageLoaded", kFileName},
    {"dll.hash.md5", kHashes, kPair, "MD5"},
    {"dll.hash.sha1", kHashes, kPair, "SHA1"},
    {"dll.hash.sha256", kHashes, kPair, "SHA256"},
    {"dll.pe.imphash", kHashes, kPair, "IMPHASH"},
    {"dll.pe.original_file_name", "OriginalFileName"},
    {"dll.code_signature.subject_name", "Signature"},
    {"dll.code_signature.exists", "Signed"},
    {"dll.code_signature.trusted", "SignatureStatus", kSame, "",
     "Valid=true;*=false"},
    {"dll.code_signature.status", "SignatureStatus", kSame, "",
     "Valid=trusted;Expired=errorExpired;Revoked=errorRevoked;*=*"},
    {"file.path", "ImageLoaded"},
    {"file.name", "ImageLoaded", kFileName},
    {"file.directory", "ImageLoaded", kFolder},
    {"file.extension", "ImageLoaded", kExtension},
    {"file.hash.sha256", kHashes, kPair, "SHA256"},
    {"file.pe.original_file_name", "OriginalFileName"},
    {"file.code_signature.subject_name", "Signature"},
    {"file.code_signature.exists", "Signed"},
    {"file.code_signature.trusted", "SignatureStatus", kSame, "",
     "Valid=true;*=false"},
    {"file.code_signature.status", "SignatureStatus"},
};
constexpr EcsField kDriver[] = {
    {"event.category", "", kValue, "driver"},
    {"event.action", "", kValue, "load|Driver loaded (rule: DriverLoad)"},
    // The system process loads drivers; Sysmon leaves it out.
    {"process.pid", "", kValue, "4"},
    {"process.name", "", kValue, "System"},
};

constexpr EcsField kRemoteThread[] = {
    {"event.category", "", kValue, "process"},
    {"event.type", "", kValue, "change"},
    {"event.action", "", kValue,
     "remote_thread|CreateRemoteThread detected (rule: CreateRemoteThread)"},
};
constexpr EcsField kProcessAccess[] = {
    {"event.category", "", kValue, "process"},
    {"event.type", "", kValue, "access"},
    {"event.action", "", kValue, "Process accessed (rule: ProcessAccess)"},
};
constexpr EcsField kTampering[] = {
    {"event.category", "", kValue, "process"},
    {"event.type", "", kValue, "change"},
    {"event.action", "", kValue, "Process Tampering (rule: ProcessTampering)"},
};
constexpr EcsField kDns[] = {
    {"event.category", "", kValue, "network"},
    {"event.type", "", kValue, "connection|protocol|info"},
    {"event.action", "", kValue, "lookup_requested|Dns query (rule: DnsQuery)"},
    {"network.protocol", "", kValue, "dns"},
    {"dns.question.name", "QueryName"},
};
constexpr EcsField kWmi[] = {
    {"event.category", "", kValue, "configuration"},
    {"event.type", "", kValue, "change"},
    {"event.action", "EventID", kSame, "",
     "19=WmiEventFilter activity detected (rule: WmiEvent);"
     "20=WmiEventConsumer activity detected (rule: WmiEvent);"
     "21=WmiEventConsumerToFilter activity detected (rule: WmiEvent)"},
};

// In a logon the account that logs on is the user.
constexpr EcsField kLogon[] = {
    {"user.name", "TargetUserName"},
    {"user.domain", "TargetDomainName"},
    {"user.id", "TargetUserSid|TargetSid"},
};
constexpr EcsField kFailedLogon[] = {{"event.outcome", "", kValue, "failure"}};
constexpr EcsField kLogStatus[] = {
    {"event.outcome", "Status", kSame, "", "0x0=success;*=failure"}};

// Security: what ids mean. Words of the tasks are among the actions, where
// rules use them.
constexpr EcsField kSecurityIds[] = {
    {"event.action", "EventID", kSame, "",
     "1100=logging-service-shutdown;1102=audit-log-cleared;1104=logging-full;"
     "4624=logged-in;4625=logon-failed;4634=logged-out;4647=logged-out;"
     "4648=logged-in-explicit;4657=registry-value-modified|modification;"
     "4662=object-operation-performed|Directory Service Access;"
     "4663=object-access-attempted;4670=permissions-changed;"
     "4672=logged-in-special;4673=privileged-service-called;"
     "4674=privileged-operation;4697=service-installed;"
     "4698=scheduled-task-created;4699=scheduled-task-deleted;"
     "4700=scheduled-task-enabled;4701=scheduled-task-disabled;"
     "4702=scheduled-task-updated;4703=Token Right Adjusted Events;"
     "4704=user-right-assigned;4705=user-right-removed;"
     "4719=changed-audit-config;4720=added-user-account;"
     "4722=enabled-user-account;4723=changed-password;4724=reset-password;"
     "4725=disabled-user-account;4726=deleted-user-account;"
     "4727=added-group-account;4728=added-member-to-group;"
     "4729=removed-member-from-group;4730=deleted-group-account;"
     "4731=added-group-account;4732=added-member-to-group;"
     "4733=removed-member-from-group;4734=deleted-group-account;"
     "4735=modified-group-account;4737=modified-group-account;"
     "4738=modified-user-account;4740=locked-out-user-account;"
     "4741=added-computer-account;4742=changed-computer-account;"
     "4743=deleted-computer-account;4754=added-group-account;"
     "4755=modified-group-account;4756=added-member-to-group;"
     "4757=removed-member-from-group;4758=deleted-group-account;"
     "4767=unlocked-user-account;"
     "4768=kerberos-authentication-ticket-requested;"
     "4769=kerberos-service-ticket-requested;"
     "4770=kerberos-service-ticket-renewed;4771=kerberos-preauth-failed;"
     "4776=credential-validated;4778=session-reconnected;"
     "4779=session-disconnected;4781=renamed-user-account;"
     "4798=group-membership-enumerated;4799=user-member-enumerated;"
     "4964=logged-in-special;5136=Directory Service Changes;"
     "5137=Directory Service Changes;5140=network-share-object-accessed;"
     "5142=network-share-object-added;5144=network-share-object-deleted;"
     "5145=network-share-object-access-checked;"
     "5152=windows-firewall-packet-block|windows-firewall-packet-drop;"
     "5156=windows-firewall-connection;"
     "5157=windows-firewall-packet-drop|windows-firewall-packet-block;"
     "5158=windows-firewall-local-port-bind"},
    {"event.category", "EventID", kSame, "",
     "1100=process;1102=iam;1104=iam;4624=authentication;4625=authentication;"
     "4634=authentication;4647=authentication;4648=authentication;"
     "4662=iam;4663=file;4670=iam|configuration;4672=iam;4673=iam;4674=iam;"
     "4697=iam|configuration;4698=iam|configuration;4699=iam|configuration;"
     "4700=iam|configuration;4701=iam|configuration;4702=iam|configuration;"
     "4703=iam;4704=iam;4705=iam;4719=iam|configuration;4720=iam;4722=iam;"
     "4723=iam;4724=iam;4725=iam;4726=iam;4727=iam;4728=iam;4729=iam;4730=iam;"
     "4731=iam;4732=iam;4733=iam;4734=iam;4735=iam;4737=iam;4738=iam;4740=iam;"
     "4741=iam;4742=iam;4743=iam;4754=iam;4755=iam;4756=iam;4757=iam;4758=iam;"
     "4767=iam;4768=authentication;4769=authentication;4770=authentication;"
     "4771=authentication;4776=authentication;4778=authentication|session;"
     "4779=authentication|session;4781=iam;4798=iam;4799=iam;4964=iam;"
     "5136=iam;5137=iam;5140=network|file;5142=network|file;"
     "5144=network|file;5145=network|file;5152=network;5156=network;"
     "5157=network;5158=network"},
    {"event.type", "EventID", kSame, "",
     "1100=end;1102=admin|change;4624=start;4625=start;4634=end;4647=end;"
     "4648=start;4662=admin|info;4663=access;4670=admin|change;4672=admin;"
     "4673=admin;4674=admin;4697=admin|change;4698=creation|admin;"
     "4699=deletion|admin;4700=change|admin;4701=change|admin;"
     "4702=change|admin;4703=user|change;4704=user|change;4705=user|change;"
     "4719=admin|change;4720=user|creation;4722=user|change;4723=user|change;"
     "4724=user|change;4725=user|deletion;4726=user|deletion;"
     "4727=group|creation;4728=group|change;4729=group|change;"
     "4730=group|deletion;4731=group|creation;4732=group|change;"
     "4733=group|change;4734=group|deletion;4735=group|change;"
     "4737=group|change;4738=user|change;4740=user|change;"
     "4741=creation|admin;4742=change|admin;4743=deletion|admin;"
     "4754=group|creation;4755=group|change;4756=group|change;"
     "4757=group|change;4758=group|deletion;4767=user|change;4768=start;"
     "4769=start;4770=start;4771=start;4776=start;4778=start;4779=end;"
     "4781=user|change;4798=user|info;4799=group|info;4964=admin;"
     "5136=change;5137=creation;5140=info|access;5145=info|access;"
     "5152=info|denied;5156=info|allowed|connection;"
     "5157=info|denied|connection;5158=info"},
    {"winlog.event_data.AccessMaskDescription", "AccessMask", kSame, "",
     "0x1=Create Child;0x2=Delete Child;0x4=List Contents;0x8=SELF;"
     "0x10=Read Property;0x20=Write Property;0x40=Delete Treee;"
     "0x80=List Object;0x100=Control Access;0x10000=DELETE;"
     "0x20000=READ_CONTROL;0x40000=WRITE_DAC;0x80000=WRITE_OWNER;"
     "0x100000=SYNCHRONIZE"},
};

constexpr EcsField kGroupChange[] = {
    {"group.name", "TargetUserName"},
    {"group.domain", "TargetDomainName"},
    {"group.id", "TargetSid"},
};

constexpr EcsField kFilteringPlatform[] = {
    {"process.executable", "Application"},
    {"process.name", "Application", kFileName},
    {"process.pid", "ProcessID|ProcessId"},
    {"source.ip", "SourceAddress", kIp},
    {"source.port", "SourcePort"},
    {"destination.ip", "DestAddress", kIp},
    {"destination.port", "DestPort"},
    {"network.transport", "Protocol", kSame, "",
     "1=icmp;6=tcp;17=udp;58=ipv6-icmp"},
    {"network.direction", "Direction", kSame, "",
     "%%14592=ingress|incoming|inbound;%%14593=egress|outgoing|outbound;"
     "Inbound=ingress|incoming|inbound;Outbound=egress|outgoing|outbound"},
};
constexpr EcsField kShare[] = {
    {"file.path", "ShareLocalPath"},
    {"file.name", "RelativeTargetName", kFileName},
    {"file.target_path", "RelativeTargetName"},
};
constexpr EcsField kFileAccess[] = {
    {"file.path", "ObjectName"},
    {"file.name", "ObjectName", kFileName},
    {"file.directory", "ObjectName", kFolder},
    {"file.extension", "ObjectName", kExtension},
};
constexpr EcsField kService[] = {
    {"event.category", "", kValue, "iam|configuration"},
    {"event.type", "", kValue, "admin|change"},
    {"event.action", "", kValue, "service-installed"},
    {"service.name", "ServiceName"},
    {"service.type", "ServiceType"},
    {"winlog.event_data.ServiceFileName", "ImagePath"},
};
constexpr EcsField kLogCleared[] = {
    {"event.action", "", kValue, "Log clear|event-log-cleared"},
    {"event.category", "", kValue, "iam"},
    {"event.type", "", kValue, "change"},
};

constexpr EcsTable kTables[] = {
    {.name = "process started (Sysmon 1, Security 4688)",
     .product = "windows",
     .category = "process_creation",
     .fields = kProcessStart,
     .example = R"({"Channel":"Microsoft-Windows-Sysmon/Operational",)"
                R"("EventID":1,"Image":"C:\\Windows\\cmd.exe",)"
                R"("CommandLine":"cmd.exe /c dir","Hashes":"SHA1=AA,MD5=BB",)"
                R"("ParentImage":"C:\\Windows\\explorer.exe",)"
                R"("User":"EXAMPLE\\kim"})",
     .example_fields = "event.type=start\nprocess.name=cmd.exe\n"
                       "process.args=cmd.exe, /c, dir\nprocess.args_count=3\n"
                       "process.hash.md5=bb\nprocess.parent.name=explorer.exe\n"
                       "user.name=kim"},
    {.name = "process ended (Sysmon 5, Security 4689)",
     .product = "windows",
     .category = "process_termination",
     .fields = kProcessEnd,
     .example = R"({"Channel":"Security","EventID":4689,)"
                R"("ProcessName":"C:\\a\\b.exe"})",
     .example_fields = "event.type=end\nprocess.name=b.exe"},
    {.name = "network connection (Sysmon 3)",
     .product = "windows",
     .category = "network_connection",
     .service = "sysmon",
     .fields = kNetwork,
     .example = R"({"Channel":"Microsoft-Windows-Sysmon/Operational",)"
                R"("EventID":3,"SourceIp":"192.0.2.1",)"
                R"("DestinationIp":"198.51.100.7","DestinationPort":"443",)"
                R"("DestinationHostname":"-","Protocol":"tcp",)"
                R"("Initiated":"true"})",
     .example_fields =
         "destination.ip=198.51.100.7\nnetwork.transport=tcp\n"
         "network.direction=egress, outgoing, outbound\ndestination.domain="},
    {.name = "file created (Sysmon 11)",
     .product = "windows",
     .category = "file_event",
     .service = "sysmon",
     .fields = kFileCreated,
     .example = R"({"Channel":"Microsoft-Windows-Sysmon/Operational",)"
                R"("EventID":11,"TargetFilename":"C:\\a\\b.txt"})",
     .example_fields = "event.category=file\nevent.type=creation\n"
                       "file.name=b.txt\nfile.directory=C:\\a"},
    {.name = "file time changed (Sysmon 2)",
     .product = "windows",
     .category = "file_change",
     .service = "sysmon",
     .fields = kFileTime,
     .example = R"({"Channel":"Microsoft-Windows-Sysmon/Operational",)"
                R"("EventID":2,"TargetFilename":"C:\\a\\b.txt"})",
     .example_fields = "event.type=change"},
    {.name = "file stream created (Sysmon 15)",
     .product = "windows",
     .category = "create_stream_hash",
     .fields = kFileStream,
     .example = R"({"Channel":"Microsoft-Windows-Sysmon/Operational",)"
                R"("EventID":15,"TargetFilename":"C:\\a.txt:b",)"
                R"("Hash":"MD5=AA"})",
     .example_fields = "event.type=creation\nfile.hash.md5=aa"},
    {.name = "file deleted (Sysmon 23, 26)",
     .product = "windows",
     .category = "file_delete",
     .service = "sysmon",
     .fields = kFileDeleted,
     .example = R"({"Channel":"Microsoft-Windows-Sysmon/Operational",)"
                R"("EventID":26,"TargetFilename":"C:\\a.txt"})",
     .example_fields = "event.type=deletion\nfile.extension=txt"},
    {.name = "file (Sysmon 2, 11, 15, 23, 26, 29)",
     .product = "windows",
     .service = "sysmon",
     .when_field = "EventID",
     .when_values = "2|11|15|23|26|27|28|29",
     .fields = kFile,
     .example = R"({"Channel":"Microsoft-Windows-Sysmon/Operational",)"
                R"("EventID":29,"TargetFilename":"C:\\a.exe",)"
                R"("Hashes":"SHA256=AA"})",
     .example_fields = "event.category=file\nfile.hash.sha256=aa"},
    {.name = "pipe (Sysmon 17, 18)",
     .product = "windows",
     .category = "pipe_created",
     .fields = kPipe,
     .example = R"({"Channel":"Microsoft-Windows-Sysmon/Operational",)"
                R"("EventID":17,"PipeName":"\\example"})",
     .example_fields = "event.type=creation\nfile.name=\\example"},
    {.name = "registry object made or removed (Sysmon 12)",
     .product = "windows",
     .service = "sysmon",
     .when_field = "EventID",
     .when_values = "12",
     .fields = kRegistryObject,
     .example = R"({"Channel":"Microsoft-Windows-Sysmon/Operational",)"
                R"("EventID":12,"EventType":"CreateKey",)"
                R"("TargetObject":"HKLM\\SOFTWARE\\Example\\Run"})",
     .example_fields = "event.type=creation\nregistry.hive=HKLM\n"
                       "registry.key=SOFTWARE\\Example"},
    {.name = "registry value set or renamed (Sysmon 13, 14)",
     .product = "windows",
     .service = "sysmon",
     .when_field = "EventID",
     .when_values = "13|14",
     .fields = kRegistryValue,
     .example = R"({"Channel":"Microsoft-Windows-Sysmon/Operational",)"
                R"("EventID":13,"TargetObject":"HKU\\S-1-5-21\\a\\Run",)"
                R"-("Details":"DWORD (0x00000001)"})-",
     .example_fields = "event.type=change\nregistry.value=Run\n"
                       "registry.data.strings=0x00000001, 1\n"
                       "registry.hive=HKEY_USERS, HKU"},
    {.name = "registry value set (Security 4657)",
     .product = "windows",
     .category = "registry_set",
     .service = "security",
     .fields = kRegistryValue,
     .example =
         R"({"Channel":"Security","EventID":4657,)"
         R"("ObjectName":"\\REGISTRY\\MACHINE\\a","ObjectValueName":"Run",)"
         R"("NewValue":"x"})",
     .example_fields = "event.type=change\nregistry.data.strings=x"},
    {.name = "registry (Sysmon 12 to 14, Security 4657)",
     .product = "windows",
     .category = "registry_event",
     .fields = kRegistry,
     .example = R"({"Channel":"Microsoft-Windows-Sysmon/Operational",)"
                R"("EventID":14,"TargetObject":"HKLM\\a\\b"})",
     .example_fields = "event.category=registry\nregistry.path=HKLM\\a\\b"},
    {.name = "driver loaded (Sysmon 6)",
     .product = "windows",
     .category = "driver_load",
     .fields = kDriver,
     .example = R"({"Channel":"Microsoft-Windows-Sysmon/Operational",)"
                R"("EventID":6,"ImageLoaded":"C:\\a\\b.sys",)"
                R"("SignatureStatus":"Expired"})",
     .example_fields = "event.category=driver\nprocess.pid=4"},
    {.name = "library or driver (Sysmon 6, 7)",
     .product = "windows",
     .service = "sysmon",
     .when_field = "EventID",
     .when_values = "6|7",
     .fields = kLibrary,
     .example = R"({"Channel":"Microsoft-Windows-Sysmon/Operational",)"
                R"("EventID":7,"ImageLoaded":"C:\\a\\b.dll",)"
                R"("Image":"C:\\a\\c.exe","Signed":"true",)"
                R"("Signature":"Example","SignatureStatus":"Valid"})",
     .example_fields = "event.category=library\ndll.name=b.dll\n"
                       "dll.code_signature.trusted=true\n"
                       "dll.code_signature.status=trusted\nprocess.name=c.exe"},
    {.name = "thread in another process (Sysmon 8)",
     .product = "windows",
     .category = "create_remote_thread",
     .fields = kRemoteThread,
     .example = R"({"Channel":"Microsoft-Windows-Sysmon/Operational",)"
                R"("EventID":8,"SourceImage":"C:\\a.exe"})",
     .example_fields = "event.category=process\nevent.type=change"},
    {.name = "process opened (Sysmon 10)",
     .product = "windows",
     .category = "process_access",
     .service = "sysmon",
     .fields = kProcessAccess,
     .example = R"({"Channel":"Microsoft-Windows-Sysmon/Operational",)"
                R"("EventID":10,"SourceImage":"C:\\a.exe",)"
                R"("TargetImage":"C:\\b.exe"})",
     .example_fields = "event.type=access\nprocess.name=a.exe\n"
                       "winlog.event_data.TargetImage=C:\\b.exe"},
    {.name = "process changed (Sysmon 25)",
     .product = "windows",
     .category = "process_tampering",
     .fields = kTampering,
     .example = R"({"Channel":"Microsoft-Windows-Sysmon/Operational",)"
                R"("EventID":25,"Image":"C:\\a.exe"})",
     .example_fields = "event.type=change"},
    {.name = "DNS query (Sysmon 22)",
     .product = "windows",
     .category = "dns_query",
     .fields = kDns,
     .example = R"({"Channel":"Microsoft-Windows-Sysmon/Operational",)"
                R"("EventID":22,"QueryName":"example.com"})",
     .example_fields = "network.protocol=dns\ndns.question.name=example.com"},
    {.name = "WMI subscription (Sysmon 19 to 21)",
     .product = "windows",
     .category = "wmi_event",
     .fields = kWmi,
     .example = R"({"Channel":"Microsoft-Windows-Sysmon/Operational",)"
                R"("EventID":21,"Operation":"Created"})",
     .example_fields = "event.code=21\nwinlog.event_data.Operation=Created"},
    {.name = "file opened (Security 4663)",
     .product = "windows",
     .category = "file_access",
     .service = "security",
     .fields = kFileAccess,
     .example = R"({"Channel":"Security","EventID":4663,)"
                R"("ObjectType":"File",)"
                R"("ObjectName":"C:\\a\\b.txt"})",
     .example_fields = "event.category=file\nfile.name=b.txt"},
    {.name = "failed logon (Security)",
     .product = "windows",
     .service = "security",
     .when_field = "EventID",
     .when_values = "4625|4771|4777",
     .fields = kFailedLogon,
     .example = R"({"Channel":"Security","EventID":4625,)"
                R"("TargetUserName":"lee",)"
                R"("SubjectUserName":"-","IpAddress":"192.0.2.1",)"
                R"("LogonType":"3"})",
     .example_fields = "event.action=logon-failed\nevent.outcome=failure\n"
                       "user.name=lee\nsource.ip=192.0.2.1\n"
                       "winlog.logon.type=Network"},
    {.name = "Kerberos and NTLM (Security)",
     .product = "windows",
     .service = "security",
     .when_field = "EventID",
     .when_values = "4768|4769|4776",
     .fields = kLogStatus,
     .example = R"({"Channel":"Security","EventID":4776,)"
                R"("TargetUserName":"lee",)"
                R"("Status":"0xc000006a","Workstation":"PC1"})",
     .example_fields =
         "event.outcome=failure\nuser.name=lee\nsource.domain=PC1"},
    {.name = "logon (Security)",
     .product = "windows",
     .service = "security",
     .when_field = "EventID",
     .when_values = "4624|4625|4634|4647|4768|4769|4770|4771|4776|4777|4778|"
                    "4779|4964",
     .fields = kLogon,
     .example = R"({"Channel":"Security","EventID":4624,)"
                R"("TargetUserName":"lee",)"
                R"("SubjectUserName":"PC1$","TargetUserSid":"S-1-5-21-1"})",
     .example_fields = "event.category=authentication\nuser.name=lee\n"
                       "user.id=S-1-5-21-1"},
    {.name = "change of a group (Security)",
     .product = "windows",
     .service = "security",
     .when_field = "EventID",
     .when_values = "4727|4728|4729|4730|4731|4732|4733|4734|4735|4737|4754|"
                    "4755|4756|4757|4758|4799",
     .fields = kGroupChange,
     .example = R"({"Channel":"Security","EventID":4728,)"
                R"("TargetUserName":"Admins",)"
                R"("SubjectUserName":"kim","TargetSid":"S-1-5-21-1-512"})",
     .example_fields = "event.action=added-member-to-group\n"
                       "group.name=Admins\ngroup.id=S-1-5-21-1-512\n"
                       "user.name=kim"},
    {.name = "filtering platform (Security)",
     .product = "windows",
     .service = "security",
     .when_field = "EventID",
     .when_values = "5152|5153|5154|5155|5156|5157|5158|5159",
     .fields = kFilteringPlatform,
     .example = R"({"Channel":"Security","EventID":5156,)"
                R"("Application":"\\device\\harddiskvolume2\\a\\b.exe",)"
                R"("SourceAddress":"192.0.2.1","DestAddress":"198.51.100.7",)"
                R"("DestPort":"443","Protocol":"6","Direction":"%%14593"})",
     .example_fields = "process.name=b.exe\nnetwork.transport=tcp\n"
                       "destination.port=443\n"
                       "network.direction=egress, outgoing, outbound"},
    {.name = "network share (Security)",
     .product = "windows",
     .service = "security",
     .when_field = "EventID",
     .when_values = "5140|5142|5143|5144|5145",
     .fields = kShare,
     .example = R"({"Channel":"Security","EventID":5145,)"
                R"("RelativeTargetName":"a\\b.txt"})",
     .example_fields = "event.category=network, file\nfile.name=b.txt"},
    {.name = "what ids mean (Security)",
     .product = "windows",
     .service = "security",
     .fields = kSecurityIds,
     .example = R"({"Channel":"Security","EventID":1102})",
     .example_fields = "event.action=audit-log-cleared\n"
                       "event.type=admin, change"},
    {.name = "service installed (System 7045)",
     .product = "windows",
     .service = "system",
     .when_field = "EventID",
     .when_values = "7045",
     .fields = kService,
     .example = R"({"Channel":"System","EventID":7045,"ServiceName":"a",)"
                R"("ImagePath":"C:\\a.exe"})",
     .example_fields = "event.action=service-installed\n"
                       "winlog.event_data.ServiceFileName=C:\\a.exe"},
    {.name = "log cleared (System 104)",
     .product = "windows",
     .service = "system",
     .when_field = "EventID",
     .when_values = "104",
     .fields = kLogCleared,
     .example = R"({"Channel":"System","EventID":104})",
     .example_fields = "event.action=Log clear, event-log-cleared"},
};

}  // namespace

std::span<const EcsTable> EcsWindowsEventTables() { return kTables; }

}  // namespace tocsin::logsource
