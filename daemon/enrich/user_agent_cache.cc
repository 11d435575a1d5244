#include "daemon/enrich/user_agent_cache.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "base/hash.h"

namespace tocsin::daemon {

UserAgentCache::UserAgentCache(std::shared_ptr<const UserAgentParser> parser, size_t entries)
    : parser_(std::move(parser)), sets_(std::bit_ceil(std::max<size_t>(entries, 4)) / 4) {}

const UserAgentInfo& UserAgentCache::Find(std::string_view user_agent) {
  user_agent = user_agent.substr(0, UserAgentParser::kBytesMax);
  const uint64_t hash = Hash64(user_agent);
  Set& set = sets_[hash & (sets_.size() - 1)];
  if (++clock_ == 0) clock_ = 1;  // After 2^32 look-ups the order of use is forgotten once.
  for (Entry& entry : set) {
    if (entry.used != 0 && entry.hash == hash && entry.text == user_agent) {
      entry.used = clock_;
      ++hits_;
      return entry.info;
    }
  }
  ++misses_;
  Entry& oldest = *std::min_element(set.begin(), set.end(),
                                    [](const Entry& a, const Entry& b) { return a.used < b.used; });
  oldest.info = parser_->Parse(user_agent);
  oldest.text.assign(user_agent);
  oldest.hash = hash;
  oldest.used = clock_;
  return oldest.info;
}

}  // namespace tocsin::daemon
