// The language-neutral values of reasons as a reader of the locale writes them:
//
//   "Tokyo, JP"                    Tokyo, Japan              日本 Tokyo
//   "CNY 268000.00 in 24 h"        CNY 268,000.00 in 24 hours  24 小时内 ¥268,000.00
//   "12 in 10 min", "< 10 in 10 min"   12 in 10 minutes …        10 分钟内 12 次 …
//   "CNY 5000.00 in 2026-03", "51 in 2026-03-01", "… in 2026-W09"
//   "limit daily-out: CNY 200000.00"
//   "5 h"
//   "Chrome on Windows"                                          Chrome（Windows）
// Anything else (a network, a model of phone) stays as it is. Input is cleaned (CleanText) first; output is
// text, not HTML.
//
// An owner reads no word of a machine:
//
//   "AS4134 China Telecom"              China Telecom; nothing, when the network has no name
//   "limit daily-out: CNY 200000.00"    the limit is CNY 200,000.00
//   "Asia/Tokyo"                        Japan Time             日本时间
//   "143 h", "12 in 180 min"            5 days, 12 in 3 hours
//
// Thread safety: any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "alerts/messages.h"
#include "schemas/finding.h"

namespace tocsin::alerts {

enum class Reader : uint8_t { kAgent, kOwner };

// `reason`: its code, which says what a number counts ("16 payments in 1 hour"); "": only the number.
[[nodiscard]] std::string LocalizeValue(Locale locale, std::string_view value, std::string_view reason = {},
                                        Reader reader = Reader::kAgent);

// "Kunming, CN" and "CN" as above; other text stays as it is.
[[nodiscard]] std::string LocalizePlace(Locale locale, std::string_view place);

// "Chrome on Windows" as above; other text stays as it is.
[[nodiscard]] std::string LocalizeDevice(Locale locale, std::string_view device);

// The sentence of a reason, values localized; codes without one get the sentence "reason.other".
[[nodiscard]] std::string ReasonSentence(Locale locale, std::string_view code, std::string_view observed,
                                         std::string_view usual, Reader reader = Reader::kAgent);

}  // namespace tocsin::alerts
