// Headers of a record that was moved to another topic: where a producer put it first.
#pragma once

#include <string_view>

namespace tocsin::schemas {

inline constexpr std::string_view kFirstTopicHeader = "tocsin_topic";
inline constexpr std::string_view kFirstPartitionHeader = "tocsin_partition";
inline constexpr std::string_view kFirstOffsetHeader = "tocsin_offset";

}  // namespace tocsin::schemas
