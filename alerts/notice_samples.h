// Made-up notices, by name: what `tocsin render` shows without a finding, what the build tries, and what the
// golden files hold word for word. Together they say every sentence that an owner may ever read
// (tests/unit/alerts/notice_sentences_test.cc).
//
// Thread safety: any thread; the list is made once.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "alerts/notice_facts.h"

namespace tocsin::alerts {

struct NoticeSample {
  // "takeover"             a form of message in the situation it is mostly sent in;
  // "takeover.frozen"      … in another, which changes its words;
  // "reason.guessed_in"    the message that a reason leads;
  // "change.email_changed"   … of a change of the account; "kind.withdrawal" of a kind of payment;
  // "received.reversed"      … of money that was to come.
  std::string name;
  NoticeTemplate form;
  NoticeFacts facts;
};

// In the order above.
[[nodiscard]] const std::vector<NoticeSample>& NoticeSamples();
// nullptr when there is none of that name.
[[nodiscard]] const NoticeSample* FindSample(std::string_view name);
// Of the sample that is named as the form is.
[[nodiscard]] NoticeFacts SampleFacts(NoticeTemplate form);

}  // namespace tocsin::alerts
