// Facts to the message an owner reads: subject, text and HTML from one layout (alerts/notice_templates/) and
// the catalogue.
//
// Every message says what happened and whether it succeeded, when, roughly where, on which device, what we
// have done, how to answer, what to do now, what happens next and by when, the case number, how to reach a
// person, and what we never ask for. No message holds a full account, card, phone number or address, a
// picture, a login link or anything from outside itself.
//
// Thread safety: any thread.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "alerts/messages.h"
#include "alerts/notice_facts.h"
#include "schemas/event.h"

namespace tocsin::alerts {

struct RenderedNotice {
  std::string subject;  // One line.
  std::string text;
  std::string html;  // "" for channels that cannot show it.
};

// Email and webhook get the whole message; sms and push one paragraph.
[[nodiscard]] RenderedNotice RenderNotice(NoticeTemplate form, Locale locale, schemas::ContactChannel channel,
                                          const NoticeFacts& facts);

// The paragraph for small screens.
[[nodiscard]] std::string ShortText(NoticeTemplate form, Locale locale, const NoticeFacts& facts);

// The facts by name, as the notice's record carries them: localized, and nothing that the text does not say.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> FactList(NoticeTemplate form, Locale locale,
                                                                        const NoticeFacts& facts);

}  // namespace tocsin::alerts
