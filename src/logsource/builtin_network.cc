// Sensors, firewalls and appliances, and what writes the field names of Sigma's
// taxonomy for them.

#include "src/logsource/builtin_table.h"

namespace tocsin::logsource {
namespace {

// Some writers cannot have dots in names.
constexpr Rename kZeekNames[] = {
    {"id_orig_h", "id.orig_h"},
    {"id_orig_p", "id.orig_p"},
    {"id_resp_h", "id.resp_h"},
    {"id_resp_p", "id.resp_p"},
    {"certificate_serial", "certificate.serial"},
    {"certificate_subject", "certificate.subject"},
    {"certificate_issuer", "certificate.issuer"},
};
constexpr Rename kZeekHttp[] = {
    {"uri", "c-uri"},    {"user_agent", "c-useragent"}, {"method", "cs-method"},
    {"host", "cs-host"}, {"status_code", "sc-status"},
};
constexpr Rename kZeekDns[] = {
    {"qtype_name", "record_type"},
    {"answers", "answer"},
};
constexpr Rename kFortiTraffic[] = {
    {"srcip", "src_ip"},     {"dstip", "dst_ip"},  {"srcport", "src_port"},
    {"dstport", "dst_port"}, {"user", "username"},
};
constexpr Rename kFlowLog[] = {
    {"srcaddr", "src_ip"},
    {"dstaddr", "dst_ip"},
    {"srcport", "src_port"},
    {"dstport", "dst_port"},
};
constexpr Rename kNetflow[] = {
    {"L4_DST_PORT", "destination.port"},
    {"netflow.l4_dst_port", "destination.port"},
    {"netflow.destination_transport_port", "destination.port"},
};

// A Zeek log by the name of its stream. Every Zeek log but a few of its own
// affairs has `ts`.
constexpr Recognizer Stream(std::string_view name, std::string_view stream,
                            std::string_view example,
                            std::span<const Rename> renames = {},
                            std::string_view category = {},
                            std::string_view second_service = {}) {
  return {
      .name = name,
      .when = {{"_path|@stream", Test::kEquals, stream}, {"ts"}},
      .sources = {.products = {"zeek"},
                  .categories = {category, category.empty() ? "" : "network"},
                  .services = {stream, second_service},
                  .renames = renames},
      .example = example};
}

// The same by the fields that only this log has beside a connection's.
constexpr Recognizer Fields(std::string_view name, std::string_view service,
                            Condition first, Condition second,
                            std::string_view example,
                            std::span<const Rename> renames = {},
                            std::string_view category = {},
                            std::string_view second_service = {}) {
  return {
      .name = name,
      .when = {{"uid"}, {"id.orig_h|id_orig_h"}, first, second},
      .sources = {.products = {"zeek"},
                  .categories = {category, category.empty() ? "" : "network"},
                  .services = {service, second_service},
                  .renames = renames},
      .example = example};
}

constexpr Recognizer kZeek[] = {
    {.name = "Zeek log with a path",
     .when = {{"_path"}, {"ts"}},
     .sources = {.products = {"zeek"}, .renames = kZeekNames},
     .example = R"({"_path":"weird","ts":1.5})"},
    {.name = "Zeek log from Kafka",
     .when = {{"@stream"}, {"@proc", Test::kEquals, "zeek"}},
     .sources = {.products = {"zeek"}, .renames = kZeekNames},
     .example = R"({"@stream":"stats","@proc":"zeek"})"},
    {.name = "Zeek log of a connection",
     .when = {{"uid"}, {"id.orig_h|id_orig_h"}, {"id.resp_h|id_resp_h"}},
     .sources = {.products = {"zeek"}, .renames = kZeekNames},
     .example = R"({"uid":"C1","id.orig_h":"192.0.2.1",)"
                R"("id.resp_h":"192.0.2.2"})"},
    {.name = "Zeek log of files",
     .when = {{"fuid"}, {"tx_hosts|rx_hosts|conn_uids|analyzers"}},
     .sources = {.products = {"zeek"}, .services = {"files"}},
     .example = R"({"fuid":"F1","tx_hosts":["192.0.2.1"]})"},
    {.name = "Zeek log of certificates",
     .when = {{"certificate.serial|certificate_serial"},
              {"certificate.issuer|certificate_issuer"},
              {"ts"}},
     .sources = {.products = {"zeek"},
                 .services = {"x509"},
                 .renames = kZeekNames},
     .example = R"({"ts":1.5,"certificate.serial":"0A",)"
                R"("certificate.issuer":"CN=a"})"},
    Stream("Zeek conn", "conn", R"({"_path":"conn","ts":1.5})", {}, "network",
           "connection"),
    Stream("Zeek dns", "dns", R"({"_path":"dns","ts":1.5})", kZeekDns, "dns"),
    Stream("Zeek http", "http", R"({"_path":"http","ts":1.5})", kZeekHttp),
    Stream("Zeek ssl", "ssl", R"({"_path":"ssl","ts":1.5})"),
    Stream("Zeek x509", "x509", R"({"_path":"x509","ts":1.5})"),
    Stream("Zeek files", "files", R"({"_path":"files","ts":1.5})"),
    Stream("Zeek kerberos", "kerberos", R"({"_path":"kerberos","ts":1.5})"),
    Stream("Zeek ntlm", "ntlm", R"({"_path":"ntlm","ts":1.5})"),
    Stream("Zeek dce_rpc", "dce_rpc", R"({"_path":"dce_rpc","ts":1.5})"),
    Stream("Zeek smb_files", "smb_files", R"({"_path":"smb_files","ts":1.5})"),
    Stream("Zeek smb_mapping", "smb_mapping",
           R"({"_path":"smb_mapping","ts":1.5})"),
    Stream("Zeek rdp", "rdp", R"({"_path":"rdp","ts":1.5})"),
    Stream("Zeek ssh", "ssh", R"({"_path":"ssh","ts":1.5})"),
    Stream("Zeek ftp", "ftp", R"({"_path":"ftp","ts":1.5})"),
    Stream("Zeek smtp", "smtp", R"({"_path":"smtp","ts":1.5})"),
    Stream("Zeek dhcp", "dhcp", R"({"_path":"dhcp","ts":1.5})"),
    Stream("Zeek notice", "notice", R"({"_path":"notice","ts":1.5})"),
    Stream("Zeek weird", "weird", R"({"@stream":"weird","ts":1.5})"),
    Fields("Zeek conn by fields", "conn", {"conn_state"}, {},
           R"({"uid":"C1","id.orig_h":"192.0.2.1","conn_state":"SF"})", {},
           "network", "connection"),
    Fields("Zeek dns by fields", "dns", {"query"},
           {"qtype|rcode|trans_id|rejected|answers"},
           R"({"uid":"C1","id.orig_h":"192.0.2.1","query":"example.com",)"
           R"("qtype":1})",
           kZeekDns, "dns"),
    Fields("Zeek http by fields", "http", {"trans_depth"},
           {"method|uri|status_code"},
           R"({"uid":"C1","id.orig_h":"192.0.2.1","trans_depth":1,)"
           R"("method":"GET"})",
           kZeekHttp),
    Fields("Zeek ssl by fields", "ssl", {"established"},
           {"cipher|version|server_name|ja3"},
           R"({"uid":"C1","id.orig_h":"192.0.2.1","established":true,)"
           R"("version":"TLSv12"})"),
    Fields("Zeek kerberos by fields", "kerberos", {"request_type"},
           {"client|service"},
           R"({"uid":"C1","id.orig_h":"192.0.2.1","request_type":"TGS",)"
           R"("client":"kim"})"),
    Fields("Zeek dce_rpc by fields", "dce_rpc", {"endpoint"}, {"operation"},
           R"({"uid":"C1","id.orig_h":"192.0.2.1","endpoint":"epmapper",)"
           R"("operation":"ept_map"})"),
    Fields("Zeek smb_files by fields", "smb_files",
           {"action", Test::kStartsWith, "SMB::"}, {},
           R"({"uid":"C1","id.orig_h":"192.0.2.1",)"
           R"("action":"SMB::FILE_OPEN"})"),
    Fields("Zeek smb_mapping by fields", "smb_mapping", {"share_type"}, {},
           R"({"uid":"C1","id.orig_h":"192.0.2.1","share_type":"PIPE"})"),
    Fields("Zeek rdp by fields", "rdp",
           {"security_protocol|keyboard_layout|requested_color_depth"}, {},
           R"({"uid":"C1","id.orig_h":"192.0.2.1",)"
           R"("security_protocol":"HYBRID"})"),
};

constexpr Recognizer kNetwork[] = {
    {.name = "Suricata EVE",
     .when = {{"event_type"}, {"flow_id|stats.uptime"}, {"timestamp"}},
     .sources = {.products = {"suricata"}},
     .example = R"({"event_type":"alert","flow_id":1,)"
                R"("timestamp":"2026-01-15T10:20:30+0000"})"},
    {.name = "Suricata EVE alert",
     .when = {{"event_type", Test::kEquals, "alert"}, {"flow_id"}},
     .sources = {.products = {"suricata"}, .services = {"alert"}},
     .example = R"({"event_type":"alert","flow_id":1})"},
    {.name = "Suricata EVE dns",
     .when = {{"event_type", Test::kEquals, "dns"}, {"flow_id"}},
     .sources = {.products = {"suricata"}, .services = {"dns"}},
     .example = R"({"event_type":"dns","flow_id":1})"},
    {.name = "Suricata EVE http",
     .when = {{"event_type", Test::kEquals, "http"}, {"flow_id"}},
     .sources = {.products = {"suricata"}, .services = {"http"}},
     .example = R"({"event_type":"http","flow_id":1})"},
    {.name = "FortiGate event log",
     .when = {{"devid|deviceid|devname"},
              {"logid|logdesc"},
              {"type", Test::kEquals, "event"}},
     .sources = {.products = {"fortigate", "fortios"}, .services = {"event"}},
     .example = R"({"devid":"FG1","logid":"0100044547","type":"event"})"},
    {.name = "FortiGate traffic log",
     .when = {{"devid|deviceid|devname"},
              {"logid"},
              {"type", Test::kEquals, "traffic"}},
     .sources = {.products = {"fortigate", "fortios"},
                 .categories = {"firewall"},
                 .services = {"traffic"},
                 .renames = kFortiTraffic},
     .example = R"({"devid":"FG1","logid":"0000000013","type":"traffic"})"},
    {.name = "AWS VPC flow log",
     .when = {{"srcaddr"},
              {"dstaddr"},
              {"action", Test::kEquals, "ACCEPT|REJECT"}},
     .sources = {.products = {"aws"},
                 .categories = {"firewall"},
                 .services = {"vpcflow"},
                 .renames = kFlowLog},
     .example = R"({"srcaddr":"192.0.2.1","dstaddr":"192.0.2.2",)"
                R"("action":"REJECT"})"},
    {.name = "NetFlow",
     .when = {{"L4_DST_PORT|netflow.l4_dst_port|"
               "netflow.destination_transport_port|netflow.type"}},
     .sources = {.services = {"netflow"}, .renames = kNetflow},
     .example = R"({"netflow":{"l4_dst_port":23}})"},
    {.name = "firewall, named as the taxonomy does",
     .when = {{"src_ip"}, {"dst_ip"}, {"dst_port"}, {"action|blocked"}},
     .sources = {.categories = {"firewall"}},
     .example = R"({"src_ip":"192.0.2.1","dst_ip":"192.0.2.2",)"
                R"("dst_port":23,"action":"accept"})"},
    {.name = "DNS server, named as the taxonomy does",
     .when = {{"query"}, {"record_type"}},
     .sources = {.categories = {"dns"}},
     .example = R"({"query":"example.com","record_type":"TXT"})"},
    {.name = "Azure Monitor table VMConnection",
     .when = {{"Type", Test::kEquals, "VMConnection"}, {"TimeGenerated"}},
     .sources = {.categories = {"network"}, .services = {"connection"}},
     .example = R"({"Type":"VMConnection","TimeGenerated":"a"})"},
    {.name = "OpenCanary",
     .when = {{"logtype"}, {"node_id|logdata"}, {"src_host|dst_host"}},
     .sources = {.products = {"opencanary"}, .categories = {"application"}},
     .example = R"({"logtype":4002,"node_id":"a","src_host":"192.0.2.1"})"},
    {.name = "antivirus, named as the taxonomy does",
     .when = {{"Signature"}, {"Filename"}},
     .sources = {.categories = {"antivirus"}},
     .example = R"({"Signature":"EICAR-Test-File","Filename":"a.txt"})"},
};

}  // namespace

std::span<const Recognizer> ZeekRows() { return kZeek; }
std::span<const Recognizer> NetworkRows() { return kNetwork; }

}  // namespace tocsin::logsource
