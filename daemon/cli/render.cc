// tocsin render: what an owner would read, for any template and language.
#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include "alerts/messages.h"
#include "alerts/notice_facts.h"
#include "alerts/notice_samples.h"
#include "alerts/notice_text.h"
#include "alerts/owner_text.h"
#include "alerts/reference.h"
#include "base/text.h"
#include "daemon/cli/command.h"
#include "daemon/cli/standard_output.h"
#include "daemon/delivery/mail_message.h"
#include "daemon/store/small_file.h"
#include "schemas/enum_names.h"
#include "schemas/finding_reader.h"
#include "schemas/output_reader.h"

namespace tocsin::daemon {
namespace {

constexpr size_t kFindingBytesMax = size_t{64} << 20U;  // An output file as it is.

struct RenderArguments {
  std::string form;
  std::string sample;
  bool list = false;
  std::string locale = "en";
  std::string channel = "email";
  std::string format = "text";
  std::string finding;
};

// The first line of the file that holds a finding; "-" is standard input.
Result<schemas::FindingSummary> ReadFindingFile(const std::string& path) {
  const Result<std::string> text = ReadBoundedFile(path == "-" ? "/dev/stdin" : path, kFindingBytesMax);
  if (!text) return text.error();
  // NDJSON or one indented document: a line that is none by itself is only the beginning of one.
  const size_t end = text->find('\n');
  Result<schemas::FindingSummary> line = schemas::ReadFinding(text->substr(0, end));
  if (line) return line;
  // Of lines the first tells what is wrong: all of them together are no document.
  const bool lines = end != std::string::npos && text->find_first_not_of(" \t\r\n", end) != std::string::npos;
  const bool object = !schemas::PlainMembers(text->substr(0, end)).empty();
  if (lines && object)
    return Error{line.error().code, line.error().field,
                 line.error().detail + " in the first line: is it a file of findings?"};
  return schemas::ReadFinding(*text);
}

// What the finding says; the sample's event keeps no place, device, address or payee, of which a finding says
// nothing.
alerts::NoticeFacts FactsOf(const schemas::FindingSummary& finding, alerts::NoticeTemplate form) {
  alerts::NoticeFacts facts = alerts::SampleFacts(form);
  facts.account = MaskId(finding.account_id);
  facts.display_name.clear();
  facts.reference = alerts::MakeReference(finding.case_id, finding.occurred_at);
  facts.severity = finding.severity;
  facts.what.at = finding.occurred_at;
  facts.what.place.clear();
  facts.what.device.clear();
  facts.ip.clear();
  facts.payee.clear();
  facts.held = 0;
  facts.reasons.clear();
  for (const schemas::ReasonText& reason : finding.reasons)
    facts.reasons.push_back(
        {reason.code, alerts::OwnerText(reason.observed, 120), alerts::OwnerText(reason.usual, 120)});
  return facts;
}

// What is to be shown, of a finding or made up.
struct Shown {
  alerts::NoticeTemplate form;
  alerts::NoticeFacts facts;
};

// Says what is wrong with the arguments when there is nothing to be shown.
std::optional<Shown> Choose(const RenderArguments& arguments) {
  if (!arguments.sample.empty()) {
    const alerts::NoticeSample* const sample = alerts::FindSample(arguments.sample);
    if (sample != nullptr) return Shown{sample->form, sample->facts};
    std::fprintf(stderr, "tocsin render: --sample %s: there is none of that name; --list shows all\n",
                 arguments.sample.c_str());
    return std::nullopt;
  }
  std::optional<schemas::FindingSummary> finding;
  if (!arguments.finding.empty()) {
    Result<schemas::FindingSummary> read = ReadFindingFile(arguments.finding);
    if (!read) {
      std::fprintf(stderr, "tocsin render: --finding: %s\n", read.error().ToString().c_str());
      return std::nullopt;
    }
    finding = *std::move(read);
  }
  std::optional<alerts::NoticeTemplate> form = alerts::TemplateFromName(arguments.form);
  if (finding && arguments.form.empty())
    form = alerts::TemplateOf(finding->reasons.front().code, finding->family);
  if (form) return Shown{*form, finding ? FactsOf(*finding, *form) : alerts::SampleFacts(*form)};
  std::string names;
  for (const alerts::NoticeTemplate known : alerts::kNoticeTemplates)
    names.append(names.empty() ? "" : ", ").append(alerts::Name(known));
  std::fprintf(stderr, "tocsin render: --template must be one of %s; --list shows more samples\n",
               names.c_str());
  return std::nullopt;
}

// Each sample, and what its mail is called. Every message is made whole on the way.
int List(alerts::Locale locale) {
  std::string out;
  for (const alerts::NoticeSample& sample : alerts::NoticeSamples()) {
    const alerts::RenderedNotice notice =
        alerts::RenderNotice(sample.form, locale, schemas::ContactChannel::kEmail, sample.facts);
    out += sample.name + std::string(sample.name.size() < 38 ? 38 - sample.name.size() : 1, ' ') +
           notice.subject + '\n';
  }
  return WriteOut(out);
}

int Render(const RenderArguments& arguments) {
  const alerts::Locale locale = arguments.locale == "zh-CN" ? alerts::Locale::kZhCn : alerts::Locale::kEn;
  if (arguments.list) return List(locale);
  const auto channel =
      schemas::FromName<schemas::ContactChannel>(arguments.channel).value_or(schemas::ContactChannel::kEmail);
  const bool is_short = channel == schemas::ContactChannel::kSms || channel == schemas::ContactChannel::kPush;
  if (is_short && arguments.format != "text") {
    std::fprintf(stderr,
                 "tocsin render: --format %s: by %s an owner reads a short text: --format text, or --channel "
                 "email or webhook\n",
                 arguments.format.c_str(), arguments.channel.c_str());
    return kExitUsage;
  }
  const std::optional<Shown> shown = Choose(arguments);
  if (!shown) return kExitUsage;
  const alerts::RenderedNotice notice = alerts::RenderNotice(shown->form, locale, channel, shown->facts);
  std::string out;
  if (arguments.format == "html") {
    out = notice.html;
  } else if (arguments.format == "eml") {
    out = MailText({.from = "notices@example.com",
                    .from_name = {},
                    .to = "owner@example.com",
                    .subject = notice.subject,
                    .text = notice.text,
                    .html = notice.html,
                    .language = arguments.locale,
                    .message_id = "sample@example.com",
                    .thread_id = {},
                    .date = shown->facts.what.at});
  } else {
    out = notice.subject + "\n\n" + notice.text;
  }
  if (!out.ends_with('\n')) out.push_back('\n');
  return WriteOut(out);
}

}  // namespace

RegisteredCommand AddRender(CLI::App& app) {
  auto arguments = std::make_shared<RenderArguments>();
  CLI::App* command =
      app.add_subcommand("render", "Shows a notice as an owner would read it, of a finding or a sample");
  auto* const template_name = command->add_option(
      "--template", arguments->form,
      "login_new, login_suspicious, takeover, money, limit_approach, reported, digest; a finding "
      "has its own without it");
  auto* const finding = command->add_option(
      "--finding", arguments->finding,
      "File with a finding (its first line, or - for standard input); only what the finding "
      "says is filled in, the rest is the sample");
  command
      ->add_option(
          "--sample", arguments->sample,
          "A template in another situation, or what one reason or one change leads to: a name of --list")
      ->excludes(template_name)
      ->excludes(finding);
  command->add_flag("--list", arguments->list, "Names every sample, each with the subject of its mail");
  command->add_option("--locale", arguments->locale, "en or zh-CN")->check(CLI::IsMember({"en", "zh-CN"}));
  command->add_option("--channel", arguments->channel, "email, sms, push or webhook")
      ->check(CLI::IsMember({"email", "sms", "push", "webhook"}));
  command->add_option("--format", arguments->format, "text, html, or eml (a mail file)")
      ->check(CLI::IsMember({"text", "html", "eml"}));
  return {command, [arguments] { return Render(*arguments); }};
}

}  // namespace tocsin::daemon
