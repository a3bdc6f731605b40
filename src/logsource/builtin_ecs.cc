// Events in the Elastic Common Schema: what `event.dataset` says of the maker,
// and what `event.category` and `event.type` say of endpoint events.

#include "src/logsource/builtin_table.h"

namespace tocsin::logsource {
namespace {

constexpr Rename kCloudTrail[] = {
    {"event.action", "eventName"},
    {"event.provider", "eventSource"},
    {"aws.cloudtrail.error_code", "errorCode"},
    {"aws.cloudtrail.error_message", "errorMessage"},
    {"aws.cloudtrail.user_identity.type", "userIdentity.type"},
    {"aws.cloudtrail.user_identity.arn", "userIdentity.arn"},
    {"aws.cloudtrail.request_parameters", "requestParameters"},
    {"aws.cloudtrail.event_type", "eventType"},
    {"user_agent.original", "userAgent"},
    {"source.address", "sourceIPAddress"},
    {"cloud.region", "awsRegion"},
};
constexpr Rename kAzureActivity[] = {
    {"azure.activitylogs.operation_name", "operationName"},
    {"azure.activitylogs.operation_name", "OperationNameValue"},
    {"azure.activitylogs.category", "CategoryValue"},
    {"azure.resource.id", "ResourceId"},
    {"event.action", "operationName"},
};
constexpr Rename kAzureAudit[] = {
    {"azure.auditlogs.operation_name", "operationName"},
    {"azure.auditlogs.operation_name", "OperationName"},
    {"azure.auditlogs.operation_name", "properties.message"},
    {"azure.auditlogs.properties.category", "Category"},
    {"azure.auditlogs.properties.logged_by_service", "LoggedByService"},
    {"azure.auditlogs.properties.result", "Status"},
};
constexpr Rename kAzureSignin[] = {
    {"azure.signinlogs.result_type", "ResultType"},
    {"azure.signinlogs.result_type", "resultType"},
    {"azure.signinlogs.result_description", "ResultDescription"},
    {"azure.signinlogs.properties.authentication_requirement",
     "AuthenticationRequirement"},
    {"azure.signinlogs.properties.app_id", "properties.appId"},
    {"source.ip", "callerIpAddress"},
    {"user_agent.original", "userAgent"},
};
constexpr Rename kOffice[] = {
    {"event.provider", "eventSource"},
    {"event.action", "eventName"},
    {"event.outcome", "status"},
    {"o365.audit.Operation", "Operation"},
    {"o365.audit.Workload", "Workload"},
    {"o365.audit.ResultStatus", "ResultStatus"},
    {"o365.audit.Parameters", "Parameters"},
    {"o365.audit.ObjectId", "ObjectId"},
};
constexpr Rename kOkta[] = {
    {"okta.event_type", "eventType"},
    {"okta.display_message", "displayMessage"},
    {"okta.actor.alternate_id", "actor.alternateId"},
    {"okta.outcome.result", "outcome.result"},
    {"okta.outcome.reason", "outcome.reason"},
    {"okta.target.display_name", "target.displayName"},
    {"okta.security_context.is_proxy", "securityContext.isProxy"},
    {"okta.debug_context.debug_data.request_uri",
     "debugContext.debugData.requestUri"},
};
constexpr Rename kWorkspace[] = {
    {"event.action", "eventName"},
    {"google_workspace.event.name", "eventName"},
    {"google_workspace.admin.setting.name", "setting_name"},
    {"google_workspace.admin.new_value", "new_value"},
    {"event.action", "protoPayload.metadata.event.eventName"},
};
constexpr Rename kGitHub[] = {
    {"event.action", "action"},
    {"github.user_agent", "user_agent"},
};
constexpr Rename kKubernetes[] = {
    {"kubernetes.audit.verb", "verb"},
    {"kubernetes.audit.objectRef.resource", "objectRef.resource"},
    {"kubernetes.audit.objectRef.subresource", "objectRef.subresource"},
    {"kubernetes.audit.objectRef.namespace", "objectRef.namespace"},
    {"kubernetes.audit.objectRef.apiGroup", "objectRef.apiGroup"},
    {"kubernetes.audit.objectRef.apiGroup", "apiGroup"},
    {"kubernetes.audit.responseStatus.code", "responseStatus.code"},
    {"kubernetes.audit.requestURI", "requestURI"},
    {"kubernetes.audit.userAgent", "userAgent"},
    {"kubernetes.audit.requestObject.spec.volumes.hostPath.path", "hostPath"},
};
constexpr Rename kFortinet[] = {
    {"fortinet.firewall.action", "action"},
    {"event.action", "action"},
    {"fortinet.firewall.cfgpath", "cfgpath"},
};
constexpr Rename kFirewall[] = {
    {"source.ip", "src_ip"},      {"source.port", "src_port"},
    {"destination.ip", "dst_ip"}, {"destination.port", "dst_port"},
    {"event.action", "action"},
};
constexpr Rename kDns[] = {
    {"dns.question.name", "query"},
    {"dns.question.type", "record_type"},
    {"dns.answers.data", "answer"},
};
constexpr Rename kZeekDns[] = {
    {"zeek.dns.query", "query"},
    {"dns.question.name", "query"},
    {"zeek.dns.answers", "answers"},
    {"zeek.dns.answers", "answer"},
    {"zeek.dns.qtype_name", "qtype_name"},
    {"zeek.dns.qtype_name", "record_type"},
    {"zeek.dns.rejected", "rejected"},
    {"destination.port", "id.resp_p"},
};
constexpr Rename kZeekHttp[] = {
    {"http.request.method", "method"},
    {"url.original", "uri"},
    {"url.original", "c-uri"},
    {"user_agent.original", "user_agent"},
    {"user_agent.original", "c-useragent"},
    {"http.response.status_code", "status_code"},
    {"zeek.http.resp_mime_types", "resp_mime_types"},
    {"destination.ip", "id.resp_h"},
    {"url.domain", "host"},
};
constexpr Rename kZeekRpc[] = {
    {"zeek.dce_rpc.operation", "operation"},
    {"zeek.dce_rpc.endpoint", "endpoint"},
};
constexpr Rename kZeekKerberos[] = {
    {"zeek.kerberos.request_type", "request_type"},
    {"zeek.kerberos.cipher", "cipher"},
    {"zeek.kerberos.service", "service"},
};
constexpr Rename kZeekFiles[] = {
    {"zeek.smb_files.name", "name"},
    {"zeek.smb_files.path", "path"},
};
constexpr Rename kZeekX509[] = {
    {"zeek.x509.certificate.serial", "certificate.serial"},
};
constexpr Rename kZeekRdp[] = {{"source.ip", "id.orig_h"}};
constexpr Rename kWeb[] = {
    {"http.request.method", "cs-method"},
    {"url.original", "cs-uri-query"},
    {"url.query", "cs-uri-query"},
    {"url.path", "cs-uri-stem"},
    {"http.response.status_code", "sc-status"},
    {"user_agent.original", "cs-user-agent"},
    {"http.request.referrer", "cs-referer"},
    {"source.ip", "c-ip"},
    {"source.address", "c-ip"},
    {"user.name", "cs-username"},
    {"url.domain", "cs-host"},
};
constexpr Rename kProxy[] = {
    {"url.original", "c-uri"},
    {"url.full", "c-uri"},
    {"url.query", "c-uri-query"},
    {"url.path", "cs-uri-stem"},
    {"url.extension", "c-uri-extension"},
    {"url.domain", "cs-host"},
    {"url.domain", "r-dns"},
    {"http.request.method", "cs-method"},
    {"http.response.status_code", "sc-status"},
    {"user_agent.original", "c-useragent"},
    {"source.ip", "src_ip"},
    {"destination.ip", "dst_ip"},
};
constexpr Rename kAuditd[] = {
    {"auditd.log.record_type", "type"},
    {"auditd.log.a0", "a0"},
    {"auditd.log.a1", "a1"},
    {"auditd.log.a2", "a2"},
    {"auditd.log.a3", "a3"},
    {"auditd.log.name", "name"},
    {"auditd.log.key", "key"},
    {"auditd.data.syscall", "SYSCALL"},
    {"process.executable", "exe"},
    {"process.name", "comm"},
};
constexpr Rename kSystemAuth[] = {{"process.name", "program"}};

// One dataset. `category` and `service` may be empty.
constexpr Recognizer Dataset(std::string_view dataset, std::string_view product,
                             std::string_view service,
                             std::span<const Rename> renames,
                             std::string_view example,
                             std::string_view category = {},
                             std::string_view second_service = {}) {
  return {
      .name = dataset,
      .when = {{"event.dataset|data_stream.dataset", Test::kEquals, dataset}},
      .sources = {.products = {product},
                  .categories = {category},
                  .services = {service, second_service},
                  .renames = renames},
      .example = example};
}

// An endpoint event: `category` and `type` are of event.category and .type.
constexpr Recognizer Endpoint(std::string_view name, std::string_view category,
                              std::string_view type, std::string_view example,
                              std::string_view first,
                              std::string_view second = {}) {
  return {.name = name,
          .when = {{"host.os.type|host.os.platform"},
                   {"event.category", Test::kEquals, category},
                   {"event.type", Test::kEquals, type}},
          .sources = {.categories = {first, second}, .renames = kEcsEndpoint},
          .example = example};
}

constexpr Recognizer System(std::string_view name, std::string_view values,
                            std::string_view product,
                            std::string_view example) {
  return {.name = name,
          .when = {{"host.os.type|host.os.platform|host.os.family",
                    Test::kEquals, values},
                   {"event.category", Test::kEquals,
                    "process|file|network|registry|library|driver|api"}},
          .sources = {.products = {product}},
          .example = example};
}

constexpr Recognizer kRows[] = {
    Dataset("aws.cloudtrail", "aws", "cloudtrail", kCloudTrail,
            R"({"event":{"dataset":"aws.cloudtrail"}})"),
    Dataset("aws.vpcflow", "aws", "vpcflow", kFirewall,
            R"({"event":{"dataset":"aws.vpcflow"}})", "firewall"),
    Dataset("azure.activitylogs", "azure", "activitylogs", kAzureActivity,
            R"({"event":{"dataset":"azure.activitylogs"}})"),
    Dataset("azure.auditlogs", "azure", "auditlogs", kAzureAudit,
            R"({"event":{"dataset":"azure.auditlogs"}})"),
    Dataset("azure.signinlogs", "azure", "signinlogs", kAzureSignin,
            R"({"event":{"dataset":"azure.signinlogs"}})"),
    Dataset("azure.identity_protection", "azure", "riskdetection", {},
            R"({"event":{"dataset":"azure.identity_protection"}})"),
    Dataset("gcp.audit", "gcp", "gcp.audit", {},
            R"({"event":{"dataset":"gcp.audit"}})"),
    Dataset("google_workspace.admin", "gcp", "google_workspace.admin",
            kWorkspace, R"({"event":{"dataset":"google_workspace.admin"}})"),
    Dataset("google_workspace.login", "gcp", "google_workspace.login",
            kWorkspace, R"({"event":{"dataset":"google_workspace.login"}})"),
    Dataset("o365.audit", "m365", "audit", kOffice,
            R"({"event":{"dataset":"o365.audit"}})"),
    {.name = "o365.audit of Exchange",
     .when = {{"event.dataset|data_stream.dataset", Test::kEquals,
               "o365.audit"},
              {"event.provider", Test::kEquals, "Exchange"}},
     .sources = {.products = {"m365"}, .services = {"exchange"}},
     .example = R"({"event":{"dataset":"o365.audit","provider":"Exchange"}})"},
    {.name = "o365.audit of the compliance center",
     .when = {{"event.dataset|data_stream.dataset", Test::kEquals,
               "o365.audit"},
              {"event.provider", Test::kEquals,
               "SecurityComplianceCenter|ThreatIntelligence"}},
     .sources = {.products = {"m365"},
                 .services = {"threat_management", "threat_detection"}},
     .example = R"({"event":{"dataset":"o365.audit",)"
                R"("provider":"SecurityComplianceCenter"}})"},
    Dataset("okta.system", "okta", "okta", kOkta,
            R"({"event":{"dataset":"okta.system"}})"),
    Dataset("cisco_duo.auth", "cisco", "duo", {},
            R"({"event":{"dataset":"cisco_duo.auth"}})"),
    Dataset("github.audit", "github", "audit", kGitHub,
            R"({"event":{"dataset":"github.audit"}})"),
    Dataset("atlassian_bitbucket.audit", "bitbucket", "audit", {},
            R"({"event":{"dataset":"atlassian_bitbucket.audit"}})"),
    Dataset("kubernetes.audit_logs", "kubernetes", "audit", kKubernetes,
            R"({"event":{"dataset":"kubernetes.audit_logs"}})", "application"),
    {.name = "Fortinet dataset, event log",
     .when = {{"event.dataset|data_stream.dataset", Test::kEquals,
               "fortinet_fortigate.log|fortinet.firewall"},
              {"fortinet.firewall.type", Test::kEquals, "event"}},
     .sources = {.products = {"fortigate"},
                 .services = {"event"},
                 .renames = kFortinet},
     .example = R"({"event":{"dataset":"fortinet_fortigate.log"},)"
                R"("fortinet":{"firewall":{"type":"event"}}})"},
    {.name = "Fortinet dataset, traffic log",
     .when = {{"event.dataset|data_stream.dataset", Test::kEquals,
               "fortinet_fortigate.log|fortinet.firewall"},
              {"fortinet.firewall.type", Test::kEquals, "traffic"}},
     .sources = {.products = {"fortigate"},
                 .categories = {"firewall"},
                 .services = {"traffic"},
                 .renames = kFirewall},
     .example = R"({"event":{"dataset":"fortinet_fortigate.log"},)"
                R"("fortinet":{"firewall":{"type":"traffic"}}})"},
    Dataset("cisco_ios.log", "cisco", "syslog", {},
            R"({"event":{"dataset":"cisco_ios.log"}})", {}, "aaa"),
    Dataset("cisco.ios", "cisco", "syslog", {},
            R"({"event":{"dataset":"cisco.ios"}})", {}, "aaa"),
    Dataset("cisco_asa.log", "cisco", "asa", kFirewall,
            R"({"event":{"dataset":"cisco_asa.log"}})", "firewall"),
    Dataset("panw.panos", "paloalto", "panos", kFirewall,
            R"({"event":{"dataset":"panw.panos"}})", "firewall"),
    Dataset("checkpoint.firewall", "checkpoint", "firewall", kFirewall,
            R"({"event":{"dataset":"checkpoint.firewall"}})", "firewall"),
    Dataset("netflow.log", {}, "netflow", {},
            R"({"event":{"dataset":"netflow.log"}})"),
    Dataset("zeek.dns", "zeek", "dns", kZeekDns,
            R"({"event":{"dataset":"zeek.dns"}})", "dns"),
    Dataset("zeek.http", "zeek", "http", kZeekHttp,
            R"({"event":{"dataset":"zeek.http"}})"),
    Dataset("zeek.dce_rpc", "zeek", "dce_rpc", kZeekRpc,
            R"({"event":{"dataset":"zeek.dce_rpc"}})"),
    Dataset("zeek.kerberos", "zeek", "kerberos", kZeekKerberos,
            R"({"event":{"dataset":"zeek.kerberos"}})"),
    Dataset("zeek.smb_files", "zeek", "smb_files", kZeekFiles,
            R"({"event":{"dataset":"zeek.smb_files"}})"),
    Dataset("zeek.x509", "zeek", "x509", kZeekX509,
            R"({"event":{"dataset":"zeek.x509"}})"),
    Dataset("zeek.rdp", "zeek", "rdp", kZeekRdp,
            R"({"event":{"dataset":"zeek.rdp"}})"),
    {.name = "any other Zeek dataset",
     .when = {{"event.dataset|data_stream.dataset", Test::kStartsWith,
               "zeek."}},
     .sources = {.products = {"zeek"}},
     .example = R"({"event":{"dataset":"zeek.weird"}})"},
    {.name = "any Suricata dataset",
     .when = {{"event.dataset|data_stream.dataset", Test::kStartsWith,
               "suricata."}},
     .sources = {.products = {"suricata"}},
     .example = R"({"event":{"dataset":"suricata.eve"}})"},
    Dataset("nginx.access", "nginx", "nginx", kWeb,
            R"({"event":{"dataset":"nginx.access"}})", "webserver", "access"),
    Dataset("nginx.error", "nginx", "nginx", {},
            R"({"event":{"dataset":"nginx.error"}})", {}, "error"),
    Dataset("apache.access", "apache", "apache", kWeb,
            R"({"event":{"dataset":"apache.access"}})", "webserver", "access"),
    Dataset("apache.error", "apache", "apache", {},
            R"({"event":{"dataset":"apache.error"}})", {}, "error"),
    Dataset("iis.access", "iis", "iis", kWeb,
            R"({"event":{"dataset":"iis.access"}})", "webserver"),
    Dataset("traefik.access", "traefik", "traefik", kWeb,
            R"({"event":{"dataset":"traefik.access"}})", "webserver"),
    Dataset("squid.log", "squid", "squid", kProxy,
            R"({"event":{"dataset":"squid.log"}})", "proxy"),
    Dataset("zscaler_zia.web", "zscaler", "web", kProxy,
            R"({"event":{"dataset":"zscaler_zia.web"}})", "proxy"),
    Dataset("bluecoat.director", "bluecoat", "proxy", kProxy,
            R"({"event":{"dataset":"bluecoat.director"}})", "proxy"),
    Dataset("auditd.log", "linux", "auditd", kAuditd,
            R"({"event":{"dataset":"auditd.log"}})"),
    Dataset("auditd_manager.auditd", "linux", "auditd", kAuditd,
            R"({"event":{"dataset":"auditd_manager.auditd"}})"),
    {.name = "auditbeat, module auditd",
     .when = {{"event.module", Test::kEquals, "auditd"}},
     .sources = {.products = {"linux"},
                 .services = {"auditd"},
                 .renames = kAuditd},
     .example = R"({"event":{"module":"auditd"}})"},
    Dataset("system.syslog", "linux", "syslog", {},
            R"({"event":{"dataset":"system.syslog"}})"),
    Dataset("system.auth", "linux", "auth", kSystemAuth,
            R"({"event":{"dataset":"system.auth"}})", {}, "syslog"),
    {.name = "system.auth of sshd",
     .when = {{"event.dataset|data_stream.dataset", Test::kEquals,
               "system.auth"},
              {"process.name", Test::kStartsWith, "sshd"}},
     .sources = {.products = {"linux"}, .services = {"sshd"}},
     .example = R"({"event":{"dataset":"system.auth"},)"
                R"("process":{"name":"sshd"}})"},
    {.name = "system.auth of sudo",
     .when = {{"event.dataset|data_stream.dataset", Test::kEquals,
               "system.auth"},
              {"process.name", Test::kEquals, "sudo"}},
     .sources = {.products = {"linux"}, .services = {"sudo"}},
     .example = R"({"event":{"dataset":"system.auth"},)"
                R"("process":{"name":"sudo"}})"},

    System("endpoint on Windows", "windows", "windows",
           R"({"host":{"os":{"type":"windows"}},)"
           R"("event":{"category":"process"}})"),
    System("endpoint on Linux",
           "linux|ubuntu|debian|centos|redhat|rhel|fedora|suse|amazon", "linux",
           R"({"host":{"os":{"type":"linux"}},)"
           R"("event":{"category":"process"}})"),
    System("endpoint on macOS", "macos|darwin", "macos",
           R"({"host":{"os":{"type":"macos"}},)"
           R"("event":{"category":"process"}})"),
    Endpoint("process started", "process", "start",
             R"({"host":{"os":{"type":"linux"}},)"
             R"("event":{"category":["process"],"type":["start"]}})",
             "process_creation"),
    Endpoint("process ended", "process", "end",
             R"({"host":{"os":{"type":"linux"}},)"
             R"("event":{"category":["process"],"type":["end"]}})",
             "process_termination"),
    Endpoint("file created", "file", "creation",
             R"({"host":{"os":{"type":"macos"}},)"
             R"("event":{"category":["file"],"type":["creation"]}})",
             "file_event"),
    Endpoint("file deleted", "file", "deletion",
             R"({"host":{"os":{"type":"linux"}},)"
             R"("event":{"category":["file"],"type":["deletion"]}})",
             "file_delete"),
    {.name = "file renamed",
     .when = {{"host.os.type|host.os.platform"},
              {"event.category", Test::kEquals, "file"},
              {"event.action", Test::kEquals, "rename"}},
     .sources = {.categories = {"file_rename"}, .renames = kEcsEndpoint},
     .example = R"({"host":{"os":{"type":"windows"}},)"
                R"("event":{"category":["file"],"action":"rename"}})"},
    {.name = "connection",
     .when = {{"host.os.type|host.os.platform"},
              {"event.category", Test::kEquals, "network"},
              {"event.type", Test::kEquals, "start|connection"},
              {"destination.ip"},
              {"dns.question.name", Test::kMissing}},
     .sources = {.categories = {"network_connection"}, .renames = kEcsEndpoint},
     .example = R"({"host":{"os":{"type":"linux"}},"event":)"
                R"({"category":["network"],"type":["start"]},)"
                R"("destination":{"ip":"192.0.2.1"}})"},
    {.name = "DNS query of a process",
     .when = {{"host.os.type|host.os.platform"},
              {"event.category", Test::kEquals, "network"},
              {"dns.question.name"},
              {"process.executable|process.name"}},
     .sources = {.categories = {"dns_query"}, .renames = kEcsEndpoint},
     .example = R"({"host":{"os":{"type":"windows"}},"event":)"
                R"({"category":["network"]},"process":{"name":"a.exe"},)"
                R"("dns":{"question":{"name":"example.com"}}})"},
    Endpoint("library loaded", "library", "start",
             R"({"host":{"os":{"type":"windows"}},)"
             R"("event":{"category":["library"],"type":["start"]}})",
             "image_load"),
    Endpoint("driver loaded", "driver", "start",
             R"({"host":{"os":{"type":"windows"}},)"
             R"("event":{"category":["driver"],"type":["start"]}})",
             "driver_load"),
    Endpoint("registry value set", "registry", "change",
             R"({"host":{"os":{"type":"windows"}},)"
             R"("event":{"category":["registry"],"type":["change"]}})",
             "registry_set", "registry_event"),
    Endpoint("registry key made", "registry", "creation",
             R"({"host":{"os":{"type":"windows"}},)"
             R"("event":{"category":["registry"],"type":["creation"]}})",
             "registry_add", "registry_event"),
    Endpoint("registry key or value removed", "registry", "deletion",
             R"({"host":{"os":{"type":"windows"}},)"
             R"("event":{"category":["registry"],"type":["deletion"]}})",
             "registry_delete", "registry_event"),

    {.name = "DNS traffic",
     .when = {{"event.category|network.protocol", Test::kEquals, "network|dns"},
              {"dns.question.name"},
              {"dns.question.type|dns.response_code|dns.id"}},
     .sources = {.categories = {"dns", "network"},
                 .services = {"dns"},
                 .renames = kDns},
     .example = R"({"network":{"protocol":"dns"},)"
                R"("dns":{"id":"1","question":{"name":"example.com"}}})"},
};

}  // namespace

std::span<const Recognizer> EcsRows() { return kRows; }

}  // namespace tocsin::logsource
