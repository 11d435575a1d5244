#include "daemon/enrich/user_agent_cache.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "base/hash.h"

namespace tocsin::daemon {

UserAgentCache::UserAgentCache(std::shared_ptr<const UserAgentParser> parser, size_t entries)
    : parser_(std::move(parser)),
      sets_(std::bit_ceil(std::max<size_t>(entries, 4)) / 4),
      entries_(sets_.size() * 4) {}

const UserAgentInfo& UserAgentCache::Find(std::string_view user_agent) {
  user_agent = user_agent.substr(0, UserAgentParser::kBytesMax);
  const uint64_t hash = Hash64(user_agent);
  const size_t number = hash & (sets_.size() - 1);
  const auto tag = static_cast<uint32_t>(hash >> 32);
  Set& set = sets_[number];
  Entry* entries = &entries_[number * 4];
  if (++clock_ == 0) clock_ = 1;  // After 2^32 look-ups the order of use is forgotten once.
  for (size_t i = 0; i < 4; ++i) {
    if (set.tags[i] == tag && set.used[i] != 0 && entries[i].text == user_agent) {
      set.used[i] = clock_;
      ++hits_;
      return entries[i].info;
    }
  }
  ++misses_;
  const auto oldest =
      static_cast<size_t>(std::min_element(set.used.begin(), set.used.end()) - set.used.begin());
  entries[oldest].info = parser_->Parse(user_agent);
  entries[oldest].text.assign(user_agent);
  set.tags[oldest] = tag;
  set.used[oldest] = clock_;
  return entries[oldest].info;
}

}  // namespace tocsin::daemon
