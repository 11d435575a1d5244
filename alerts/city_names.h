// Large cities that no time zone is named after, in Chinese. A name that two cities of a country share
// (Suzhou, Taizhou, Fuzhou, Yichun) is in no list: Latin letters are better than another city.
#pragma once

#include <span>
#include <string_view>

namespace tocsin::alerts {

struct CityInChinese {
  std::string_view country;  // ISO 3166-1 alpha-2.
  std::string_view english;  // As databases of places write it.
  std::string_view chinese;
};

// By country and English name, each once.
[[nodiscard]] std::span<const CityInChinese> CitiesInChinese();

}  // namespace tocsin::alerts
