// The codec as a filter, for differential.py.
//   codec_probe            each line of standard input is a record's value; answers "accepted" or "<code>
//   <field>" codec_probe --outputs  one line for each kind of output, every member filled: "<kind> <json>"
#include <iostream>
#include <string>
#include <string_view>

#include "schemas/dead_letter.h"
#include "schemas/encode.h"
#include "schemas/encode_ocsf.h"
#include "schemas/enum_names.h"
#include "schemas/event_decoder.h"

namespace {

using namespace tocsin;  // NOLINT(google-build-using-namespace): a program of one file.
using namespace tocsin::schemas;

void Answer() {
  DecodeLimits limits;
  limits.check_key = false;
  EventDecoder decoder(limits);
  Event event;
  std::string line;
  while (std::getline(std::cin, line)) {
    Record record;
    record.topic = "events";
    record.value = line;
    const auto decoded = decoder.Decode(record, event);
    const Rejection* const wrong = decoded ? decoder.left_out() : &decoded.error();
    if (wrong == nullptr) {
      std::cout << "accepted\n";
    } else {
      std::cout << CodeName(wrong->code) << ' ' << wrong->field << '\n';
    }
  }
}

template <class Output>
void Print(std::string_view kind, const Output& output) {
  std::string json;
  AppendJson(json, output);
  std::cout << kind << ' ' << json << '\n';
}

// One finding as all that OCSF makes of it: each of its states, with and without the event.
void PrintOcsf(Finding finding) {
  Event event;
  event.event_id = EventId("e2");
  event.account_id = finding.account_id;
  event.session_id = "s1";
  event.ip = IpAddress::Parse("192.0.2.7");
  event.user_agent = "Mozilla/5.0";
  event.device = {
      .id = "d1", .platform = Platform::kIos, .os_version = "17.4.1", .name = "phone", .present = true};
  event.facts.place = {.missing = Missing::kNo, .country = "JP", .region = "Tokyo", .city = "Tokyo"};
  event.facts.network = {.missing = Missing::kNo, .asn = 64500, .organization = "Example Net"};
  event.facts.device = {
      .missing = Missing::kNo, .id = "d1", .platform = "ios", .model = "iPhone15,2", .os_family = "iOS"};
  const auto print = [&](const Event* with) {
    std::string json;
    AppendOcsf(json, finding, {.title = "Impossible travel", .event = with});
    std::cout << "ocsf_finding " << json << '\n';
  };
  print(&event);
  event.event_id = EventId("e3");
  finding.status = FindingStatus::kSuperseded;
  finding.techniques = {{"attack", "T1110.001"}};
  print(&event);
  finding.mode = Mode::kShadow;
  finding.status = FindingStatus::kUpdated;
  finding.techniques.clear();
  finding.case_id.clear();
  finding.reasons = {{"impossible_travel", "Two places.", "", ""}};
  print(&event);
}

void PrintOutputs() {
  const Timestamp at = FromMillis(1'772'323'200'123);
  const AccountId account("acct-1");

  Finding finding;
  finding.finding_id = FindingId("impossible_travel", account, {"e1", "e2"}, "");
  finding.detector = "impossible_travel";
  finding.severity = Severity::kCritical;
  finding.account_id = account;
  finding.tenant = "acme";
  finding.occurred_at = finding.detected_at = at;
  finding.cause = {"e1", "e2"};
  finding.case_id = "c1";
  finding.risk = 0.25;
  finding.addends = {{"impossible_travel", 3.5}};
  finding.reasons = {{"impossible_travel", "Two places.", "Tokyo, JP", "Berlin, DE"}};
  finding.evidence = {{"distance_km", 8918.25}, {"events", int64_t{2}}, {"place", std::string("Tokyo, JP")}};
  finding.techniques = {{"attack", "T1078"}, {"f3", "F1006"}};
  finding.versions = {"0.1.0", "9f3a", "2026-02"};
  Print("finding", finding);
  PrintOcsf(finding);

  Notice notice;
  notice.notice_id = "n1";
  notice.case_id = "c1";
  notice.account_id = account;
  notice.tenant = "acme";
  notice.template_name = "login_unusual";
  notice.locale = "zh-CN";
  notice.recipients = {{ContactChannel::kEmail, "owner@example.com"}};
  notice.subject = "请核对一次登录";
  notice.text = "text";
  notice.html = "<p>text</p>";
  notice.facts = {{"place", "Tokyo, JP"}};
  notice.link_me = "https://account.example.com/r/AAA";
  notice.link_not_me = "https://account.example.com/r/BBB";
  notice.reference = "T-2026-7KQ4-M2QX";
  notice.occurred_at = notice.deliver_after = notice.expires_at = at;
  Print("notice", notice);

  Ticket ticket;
  ticket.ticket_id = "t1";
  ticket.case_id = "c1";
  ticket.account_id = account;
  ticket.tenant = "acme";
  ticket.operation = TicketOperation::kEscalate;
  ticket.priority = Priority::kP1;
  ticket.deliver_after = at;
  ticket.reference = "T-2026-7KQ4-M2QX";
  ticket.subject = "subject";
  ticket.body = "## body";
  ticket.timeline = {
      {at, "e1", "login succeeded", "Tokyo, JP", "AS64500, residential", "Chrome on Windows", true}};
  ticket.findings = {finding.finding_id};
  ticket.decision = "Is the account in two hands?";
  ticket.due = {at, at};
  ticket.evidence = {{"sum", std::string("CNY 5.00")}};
  ticket.occurred_at = at;
  Print("ticket", ticket);

  Action action;
  action.action_id = "a1";
  action.case_id = "c1";
  action.account_id = account;
  action.tenant = "acme";
  action.action = ActionKind::kHoldTransaction;
  action.target = "tx-1";
  action.reason = "takeover_chain";
  action.risk = 0.8;
  action.occurred_at = action.expires_at = at;
  Print("action", action);

  const Header headers[] = {{"ce_id", "e1"}};
  Record record;
  record.topic = "logins";
  record.partition = 3;
  record.offset = 42;
  record.appended_at = at;
  record.key = "acct-1";
  record.headers = headers;
  record.value = "{\xff";
  Print("dead_letter", ToDeadLetter(record, {RejectionCode::kBadTime, "occurred_at", "not RFC 3339"}));
  record.key = "\xff";
  Print("dead_letter", ToDeadLetter(record, {RejectionCode::kNotUtf8, "occurred_at", "not UTF-8"}));
}

}  // namespace

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  if (argc > 1 && std::string_view(argv[1]) == "--outputs") {
    PrintOutputs();
  } else {
    Answer();
  }
  return 0;
}
