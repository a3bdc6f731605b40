// Web servers and proxies.

#include "src/logsource/builtin_table.h"

namespace tocsin::logsource {
namespace {

// W3C writes request headers as cs(Name).
constexpr Rename kW3c[] = {
    {"cs(User-Agent)", "cs-user-agent"},
    {"cs(Referer)", "cs-referer"},
    {"cs(Cookie)", "cs-cookie"},
    {"cs(Host)", "cs-host"},
    {"cs(Content-Type)", "cs-content-type"},
};
constexpr Rename kW3cProxy[] = {
    {"cs-uri", "c-uri"},
    {"cs-uri-stem", "c-uri"},
    {"cs-uri-path", "c-uri"},
    {"cs-uri-query", "c-uri-query"},
    {"cs-uri-extension", "c-uri-extension"},
    {"cs(User-Agent)", "c-useragent"},
    {"cs-user-agent", "c-useragent"},
    {"cs(Host)", "cs-host"},
    {"cs(Cookie)", "cs-cookie"},
    {"c-ip", "src_ip"},
    {"s-ip", "dst_ip"},
    {"r-ip", "dst_ip"},
};
constexpr Rename kIisTable[] = {
    {"csMethod", "cs-method"},        {"csUriStem", "cs-uri-stem"},
    {"csUriQuery", "cs-uri-query"},   {"scStatus", "sc-status"},
    {"csUserAgent", "cs-user-agent"}, {"csReferer", "cs-referer"},
    {"csUserName", "cs-username"},    {"csHost", "cs-host"},
    {"csCookie", "cs-cookie"},        {"cIP", "c-ip"},
};
constexpr Rename kNginx[] = {
    {"request_method", "cs-method"}, {"request_uri", "cs-uri-query"},
    {"request", "cs-uri-query"},     {"uri", "cs-uri-stem"},
    {"status", "sc-status"},         {"http_user_agent", "cs-user-agent"},
    {"http_referer", "cs-referer"},  {"http_cookie", "cs-cookie"},
    {"http_host", "cs-host"},        {"host", "cs-host"},
    {"remote_addr", "c-ip"},         {"remote_user", "cs-username"},
};
constexpr Rename kCombined[] = {
    {"verb", "cs-method"},      {"request", "cs-uri-query"},
    {"response", "sc-status"},  {"agent", "cs-user-agent"},
    {"referrer", "cs-referer"}, {"clientip", "c-ip"},
    {"auth", "cs-username"},
};
constexpr Rename kCaddy[] = {
    {"request.method", "cs-method"},
    {"request.uri", "cs-uri-query"},
    {"status", "sc-status"},
    {"request.headers.User-Agent", "cs-user-agent"},
    {"request.headers.Referer", "cs-referer"},
    {"request.host", "cs-host"},
    {"request.remote_ip", "c-ip"},
};
constexpr Rename kTraefik[] = {
    {"RequestMethod", "cs-method"},
    {"RequestPath", "cs-uri-query"},
    {"DownstreamStatus", "sc-status"},
    {"request_User-Agent", "cs-user-agent"},
    {"request_Referer", "cs-referer"},
    {"RequestHost", "cs-host"},
    {"ClientHost", "c-ip"},
};
constexpr Rename kCloudflare[] = {
    {"ClientRequestMethod", "cs-method"},
    {"ClientRequestURI", "cs-uri-query"},
    {"ClientRequestPath", "cs-uri-stem"},
    {"EdgeResponseStatus", "sc-status"},
    {"ClientRequestUserAgent", "cs-user-agent"},
    {"ClientRequestReferer", "cs-referer"},
    {"ClientRequestHost", "cs-host"},
    {"ClientIP", "c-ip"},
};
constexpr Rename kLoadBalancer[] = {
    {"request_verb", "cs-method"},
    {"request_url", "cs-uri-query"},
    {"elb_status_code", "sc-status"},
    {"user_agent", "cs-user-agent"},
    {"client_ip", "c-ip"},
};
constexpr Rename kZscaler[] = {
    {"url", "c-uri"},
    {"ua", "c-useragent"},
    {"useragent", "c-useragent"},
    {"requestmethod", "cs-method"},
    {"reqmethod", "cs-method"},
    {"respcode", "sc-status"},
    {"status", "sc-status"},
    {"host", "cs-host"},
    {"hostname", "cs-host"},
    {"clientpublicIP", "src_ip"},
    {"serverip", "dst_ip"},
};

constexpr Recognizer kRows[] = {
    {.name = "web server, W3C names",
     .when = {{"cs-uri-stem|cs-uri-query"},
              {"cs-method|sc-status|c-ip|cs-user-agent|cs(User-Agent)|"
               "s-sitename|cs-username"},
              {"c-uri|cs-uri-scheme|cs-categories|sc-filter-result|s-action|"
               "c-useragent|rs(Content-Type)",
               Test::kMissing}},
     .sources = {.categories = {"webserver"}, .renames = kW3c},
     .example = R"({"cs-method":"GET","cs-uri-stem":"/","sc-status":200})"},
    {.name = "IIS",
     .when = {{"cs-uri-stem"},
              {"s-sitename|sc-win32-status|sc-substatus|s-computername"}},
     .sources = {.products = {"iis"}, .services = {"iis"}},
     .example = R"({"cs-method":"GET","cs-uri-stem":"/",)"
                R"("sc-win32-status":0})"},
    {.name = "proxy, named as the taxonomy does",
     .when = {{"c-uri|c-useragent|c-uri-extension|c-uri-query"}},
     .sources = {.categories = {"proxy"}, .renames = kW3c},
     .example = R"({"c-uri":"http://example.com/","cs-method":"GET"})"},
    {.name = "proxy, W3C names",
     .when = {{"cs-uri-scheme|cs-categories|sc-filter-result|s-action|"
               "rs(Content-Type)"},
              {"cs-host|cs-uri|cs-uri-stem|cs-uri-path"},
              {"cs-method|sc-status"}},
     .sources = {.categories = {"proxy"}, .renames = kW3cProxy},
     .example = R"({"cs-uri-scheme":"http","cs-host":"example.com",)"
                R"("cs-method":"GET"})"},
    {.name = "Azure Monitor table W3CIISLog",
     .when = {{"csUriStem"}, {"csMethod"}, {"scStatus"}},
     .sources = {.products = {"iis"},
                 .categories = {"webserver"},
                 .services = {"iis"},
                 .renames = kIisTable},
     .example = R"({"csUriStem":"/","csMethod":"GET","scStatus":"200"})"},
    {.name = "nginx access log, its own variable names",
     .when = {{"remote_addr"},
              {"request|request_uri"},
              {"status"},
              {"http_user_agent|body_bytes_sent|http_referer"}},
     .sources = {.categories = {"webserver"},
                 .services = {"nginx"},
                 .renames = kNginx},
     .example = R"({"remote_addr":"192.0.2.1","request":"GET / HTTP/1.1",)"
                R"("status":"200","http_user_agent":"a"})"},
    {.name = "combined log, Logstash names",
     .when = {{"clientip"}, {"verb"}, {"request"}, {"response"}},
     .sources = {.categories = {"webserver"}, .renames = kCombined},
     .example = R"({"clientip":"192.0.2.1","verb":"GET","request":"/",)"
                R"("response":"200"})"},
    {.name = "Caddy access log",
     .when = {{"logger", Test::kStartsWith, "http.log.access"},
              {"request.uri"}},
     .sources = {.categories = {"webserver"}, .renames = kCaddy},
     .example = R"({"logger":"http.log.access","request":{"uri":"/"}})"},
    {.name = "Traefik access log",
     .when = {{"RequestMethod"}, {"RequestPath"}, {"DownstreamStatus"}},
     .sources = {.categories = {"webserver"}, .renames = kTraefik},
     .example = R"({"RequestMethod":"GET","RequestPath":"/",)"
                R"("DownstreamStatus":200})"},
    {.name = "Cloudflare HTTP requests",
     .when = {{"ClientRequestMethod"},
              {"ClientRequestURI|ClientRequestPath"},
              {"EdgeResponseStatus"}},
     .sources = {.categories = {"webserver"}, .renames = kCloudflare},
     .example = R"({"ClientRequestMethod":"GET","ClientRequestURI":"/",)"
                R"("EdgeResponseStatus":200})"},
    {.name = "AWS load balancer",
     .when = {{"elb_status_code"}, {"request_url"}, {"request_verb"}},
     .sources = {.categories = {"webserver"}, .renames = kLoadBalancer},
     .example = R"({"elb_status_code":200,"request_url":"http://a/",)"
                R"("request_verb":"GET"})"},
    {.name = "Zscaler web log",
     .when = {{"urlsupercategory|urlsupercat|urlclass"},
              {"url"},
              {"requestmethod|reqmethod"}},
     .sources = {.categories = {"proxy"}, .renames = kZscaler},
     .example = R"({"urlsupercategory":"a","url":"example.com/",)"
                R"("requestmethod":"GET"})"},
};

}  // namespace

std::span<const Recognizer> WebRows() { return kRows; }

}  // namespace tocsin::logsource
