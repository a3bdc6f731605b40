// What logs of network sensors are in the Elastic Common Schema.

#include "src/logsource/ecs_tables.h"

namespace tocsin::logsource {
namespace {

using enum base::Derivation;

constexpr EcsField kZeek[] = {
    {"event.kind", "", kValue, "event"},
    {"event.module", "", kValue, "zeek"},
    {"event.category", "", kValue, "network"},
    {"event.type", "", kValue, "connection|protocol|info"},
    {"event.id", "uid"},
    {"zeek.session_id", "uid"},
    {"source.ip", "id.orig_h", kIp},
    {"source.address", "id.orig_h"},
    {"source.port", "id.orig_p"},
    {"destination.ip", "id.resp_h", kIp},
    {"destination.address", "id.resp_h"},
    {"destination.port", "id.resp_p"},
    {"network.transport", "proto", kLower},
    {"network.protocol", "service", kLower},
    {"observer.name", "@system|_system_name"},
    {"host.name", "@system|_system_name"},
};
constexpr EcsField kConnection[] = {
    {"event.dataset", "", kValue, "zeek.connection"},
    {"data_stream.dataset", "", kValue, "zeek.connection"},
    {"event.type", "", kValue, "connection|start|end"},
    {"event.duration", "duration"},
    {"source.bytes", "orig_ip_bytes"},
    {"source.packets", "orig_pkts"},
    {"source.mac", "orig_l2_addr"},
    {"destination.bytes", "resp_ip_bytes"},
    {"destination.packets", "resp_pkts"},
    {"destination.mac", "resp_l2_addr"},
    {"zeek.connection.state", "conn_state"},
    {"zeek.connection.history", "history"},
};
constexpr EcsField kDns[] = {
    {"event.dataset", "", kValue, "zeek.dns"},
    {"data_stream.dataset", "", kValue, "zeek.dns"},
    {"network.protocol", "", kValue, "dns"},
    {"dns.id", "trans_id"},
    {"dns.question.name", "query"},
    {"dns.question.type", "qtype_name"},
    {"dns.question.class", "qclass_name", kSame, "", "C_INTERNET=IN;*=*"},
    {"dns.response_code", "rcode_name"},
    {"dns.answers.data", "answers"},
    {"dns.resolved_ip", "answers", kIp},
    {"zeek.dns.*", "*"},
};
constexpr EcsField kHttp[] = {
    {"event.dataset", "", kValue, "zeek.http"},
    {"data_stream.dataset", "", kValue, "zeek.http"},
    {"event.category", "", kValue, "network|web"},
    {"network.protocol", "", kValue, "http"},
    {"http.request.method", "method"},
    {"http.request.referrer", "referrer"},
    {"http.request.body.bytes", "request_body_len"},
    {"http.response.body.bytes", "response_body_len"},
    {"http.response.status_code", "status_code"},
    {"http.response.mime_type", "resp_mime_types"},
    {"url.original", "uri"},
    {"url.path", "uri", kCapture, "^([^?#]*)"},
    {"url.query", "uri", kCapture, "\\?([^#]*)"},
    {"url.extension", "uri", kCapture, "^[^?#]*\\.([^./?#]+)(?:[?#]|$)"},
    {"url.domain", "host"},
    {"destination.domain", "host"},
    {"user_agent.original", "user_agent"},
    {"user.name", "username"},
    {"zeek.http.*", "*"},
};
constexpr EcsField kTls[] = {
    {"event.dataset", "", kValue, "zeek.ssl"},
    {"data_stream.dataset", "", kValue, "zeek.ssl"},
    {"network.protocol", "", kValue, "tls"},
    {"tls.cipher", "cipher"},
    {"tls.curve", "curve"},
    {"tls.established", "established"},
    {"tls.resumed", "resumed"},
    {"tls.client.server_name", "server_name"},
    {"tls.client.ja3", "ja3"},
    {"tls.server.ja3s", "ja3s"},
    {"tls.server.subject", "subject"},
    {"tls.server.issuer", "issuer"},
    {"destination.domain", "server_name"},
    {"zeek.ssl.*", "*"},
};
constexpr EcsField kFiles[] = {
    {"event.dataset", "", kValue, "zeek.files"},
    {"data_stream.dataset", "", kValue, "zeek.files"},
    {"event.category", "", kValue, "file"},
    {"event.type", "", kValue, "info"},
    {"file.name", "filename", kFileName},
    {"file.path", "filename"},
    {"file.mime_type", "mime_type"},
    {"file.size", "total_bytes"},
    {"file.hash.md5", "md5"},
    {"file.hash.sha1", "sha1"},
    {"file.hash.sha256", "sha256"},
    {"source.ip", "tx_hosts", kIp},
    {"destination.ip", "rx_hosts", kIp},
};
constexpr EcsField kRpc[] = {
    {"event.dataset", "", kValue, "zeek.dce_rpc"},
    {"data_stream.dataset", "", kValue, "zeek.dce_rpc"},
    {"event.action", "operation"},
    {"network.protocol", "", kValue, "dce_rpc"},
    {"zeek.dce_rpc.*", "*"},
};
constexpr EcsField kSmb[] = {
    {"event.dataset", "", kValue, "zeek.smb_files"},
    {"data_stream.dataset", "", kValue, "zeek.smb_files"},
    {"event.category", "", kValue, "network|file"},
    {"network.protocol", "", kValue, "smb"},
    {"event.action", "action"},
    {"file.name", "name", kFileName},
    {"file.path", "name"},
    {"file.size", "size"},
    {"zeek.smb_files.*", "*"},
};
constexpr EcsField kKerberos[] = {
    {"event.dataset", "", kValue, "zeek.kerberos"},
    {"data_stream.dataset", "", kValue, "zeek.kerberos"},
    {"event.category", "", kValue, "network|authentication"},
    {"event.outcome", "success", kSame, "", "true=success;false=failure"},
    {"network.protocol", "", kValue, "kerberos"},
    {"user.name", "client", kCapture, "^([^/@]+)"},
    {"zeek.kerberos.*", "*"},
};
constexpr EcsField kSsh[] = {
    {"event.dataset", "", kValue, "zeek.ssh"},
    {"data_stream.dataset", "", kValue, "zeek.ssh"},
    {"event.outcome", "auth_success", kSame, "", "true=success;false=failure"},
    {"network.protocol", "", kValue, "ssh"},
    {"zeek.ssh.*", "*"},
};
constexpr EcsField kNotice[] = {
    {"event.dataset", "", kValue, "zeek.notice"},
    {"data_stream.dataset", "", kValue, "zeek.notice"},
    {"event.kind", "", kValue, "alert"},
    {"rule.name", "note"},
    {"rule.description", "msg"},
    {"zeek.notice.*", "*"},
};

constexpr EcsTable kTables[] = {
    {.name = "Zeek conn",
     .product = "zeek",
     .service = "conn",
     .fields = kConnection,
     .example = R"({"_path":"conn","ts":1.5,"id.orig_h":"192.0.2.1",)"
                R"("id.resp_h":"198.51.100.7","id.resp_p":443,"proto":"tcp",)"
                R"("service":"ssl","conn_state":"SF"})",
     .example_fields = "event.dataset=zeek.connection\nsource.ip=192.0.2.1\n"
                       "destination.port=443\nnetwork.transport=tcp\n"
                       "network.protocol=ssl"},
    {.name = "Zeek dns",
     .product = "zeek",
     .service = "dns",
     .fields = kDns,
     .example = R"({"_path":"dns","ts":1.5,"query":"example.com",)"
                R"("answers":["192.0.2.1","a.example.com"]})",
     .example_fields = "dns.question.name=example.com\n"
                       "dns.resolved_ip=192.0.2.1\nnetwork.protocol=dns"},
    {.name = "Zeek http",
     .product = "zeek",
     .service = "http",
     .fields = kHttp,
     .example = R"({"_path":"http","ts":1.5,"method":"GET","host":)"
                R"("example.com","uri":"/a/b.php?c=d","status_code":200})",
     .example_fields = "url.path=/a/b.php\nurl.query=c=d\nurl.extension=php\n"
                       "http.response.status_code=200"},
    {.name = "Zeek ssl",
     .product = "zeek",
     .service = "ssl",
     .fields = kTls,
     .example = R"({"_path":"ssl","ts":1.5,"server_name":"example.com"})",
     .example_fields = "tls.client.server_name=example.com"},
    {.name = "Zeek files",
     .product = "zeek",
     .service = "files",
     .fields = kFiles,
     .example = R"({"_path":"files","ts":1.5,"filename":"a\\b.txt",)"
                R"("tx_hosts":["192.0.2.1"]})",
     .example_fields = "file.name=b.txt\nsource.ip=192.0.2.1"},
    {.name = "Zeek dce_rpc",
     .product = "zeek",
     .service = "dce_rpc",
     .fields = kRpc,
     .example = R"({"_path":"dce_rpc","ts":1.5,"operation":"ept_map"})",
     .example_fields = "event.action=ept_map"},
    {.name = "Zeek smb_files",
     .product = "zeek",
     .service = "smb_files",
     .fields = kSmb,
     .example = R"({"_path":"smb_files","ts":1.5,"name":"a\\b.txt",)"
                R"("action":"SMB::FILE_OPEN"})",
     .example_fields = "file.name=b.txt\nevent.action=SMB::FILE_OPEN"},
    {.name = "Zeek kerberos",
     .product = "zeek",
     .service = "kerberos",
     .fields = kKerberos,
     .example = R"({"_path":"kerberos","ts":1.5,"client":"kim/EXAMPLE.COM",)"
                R"("success":false})",
     .example_fields = "user.name=kim\nevent.outcome=failure"},
    {.name = "Zeek ssh",
     .product = "zeek",
     .service = "ssh",
     .fields = kSsh,
     .example = R"({"_path":"ssh","ts":1.5,"auth_success":true})",
     .example_fields = "event.outcome=success"},
    {.name = "Zeek notice",
     .product = "zeek",
     .service = "notice",
     .fields = kNotice,
     .example = R"({"_path":"notice","ts":1.5,"note":"Scan::Port_Scan"})",
     .example_fields = "event.kind=alert\nrule.name=Scan::Port_Scan"},
    {.name = "all logs of Zeek",
     .product = "zeek",
     .fields = kZeek,
     .example = R"({"_path":"weird","ts":1.5,"id.orig_h":"192.0.2.1"})",
     .example_fields = "event.category=network\nsource.ip=192.0.2.1"},
};

}  // namespace

std::span<const EcsTable> EcsNetworkTables() { return kTables; }

}  // namespace tocsin::logsource
