#include "daemon/config/url_parts.h"

#include <algorithm>
#include <utility>

namespace tocsin::daemon {
namespace {

constexpr std::string_view kBehindScheme = "://";

// Where the authority begins and ends.
struct Authority {
  size_t begin = 0;
  size_t end = 0;
};

Authority AuthorityOf(std::string_view url) {
  const size_t scheme = url.find(kBehindScheme);
  const size_t begin = scheme == std::string_view::npos ? 0 : scheme + kBehindScheme.size();
  return {begin, std::min(url.find_first_of("/?#\\", begin), url.size())};
}

}  // namespace

bool NamesLogin(std::string_view url) {
  const Authority authority = AuthorityOf(url);
  return url.substr(authority.begin, authority.end - authority.begin).find('@') != std::string_view::npos;
}

std::string OnlyHost(std::string_view url) {
  const auto [begin, end] = AuthorityOf(url);
  const std::string_view authority = url.substr(begin, end - begin);
  const size_t login = authority.rfind('@');
  std::string out(url.substr(0, begin));
  out += login == std::string_view::npos ? authority : authority.substr(login + 1);
  if (end < url.size()) out += "/…";
  return out;
}

YamlNode WithOnlyHosts(YamlNode node) {
  if (node.text.find(kBehindScheme) != std::string::npos) node.text = OnlyHost(node.text);
  for (YamlNode& item : node.items) item = WithOnlyHosts(std::move(item));
  for (YamlMember& member : node.members) member.value = WithOnlyHosts(std::move(member.value));
  return node;
}

}  // namespace tocsin::daemon
