"""Zammad, Zendesk and Jira Service Management as their published interfaces describe them: requests are checked against the
documented shapes and refused when they differ, answers have the documented members. Not the real servers: what these do
beyond their documentation is not tested (Request Tracker is: request_tracker_server.py).

    with Zendesk() as desk:
        desk.url, desk.token, desk.settings     # of delivery.tickets
        desk.tickets                            # by name: what is held
        desk.decide(name, "fraud")              # what an agent does
        desk.away = True                        # it answers nothing
        desk.wrong                              # requests that broke the contract: must be empty

Sources: docs.zammad.org/en/latest/api (ticket, articles, search, user, group, object), developer.zendesk.com/api-reference/ticketing
(tickets, comments, export of a search, users, ticket fields, idempotency), developer.atlassian.com/cloud/jira/platform/rest/v2
(issues, comments, transitions, issue search, issue links, project, server info) and the comment property sd.public.comment of Jira Service
Management.
"""

import base64
import re

from support import ticket_words
from support.ticket_server import Refusal, TicketServer, only


class Zammad(TicketServer):
    settings = {"system": "zammad", "queue": "Security", "requester": "tocsin@example.com"}
    authorization = f"Token token={TicketServer.token}"
    priorities = {"P1": "3 high", "P2": "3 high", "P3": "2 normal", "P4": "1 low"}
    stages = {"new": "new", "closed": "closed", "open": "open"}

    def __init__(self):
        super().__init__()
        self.route("POST", r"/api/v1/tickets", self._create)
        self.route("GET", r"/api/v1/tickets/search", self._search)
        self.route("GET", r"/api/v1/tickets/(\d+)", lambda match, query, _: (200, self._shown(match[1], query)))
        self.route("PUT", r"/api/v1/tickets/(\d+)", self._update)
        self.route("POST", r"/api/v1/ticket_articles", self._append)
        self.route("GET", r"/api/v1/ticket_articles/by_ticket/(\d+)", lambda match, *_: (200, self.held(match[1])["articles"]))
        self.route("PUT", r"/api/v1/ticket_merge/(\d+)/(\d+)", self._merge)
        self.route("GET", r"/api/v1/users/me", lambda *_: (200, {"id": 3, "login": "tocsin", "email": "tocsin@example.com"}))
        self.route("GET", r"/api/v1/groups", lambda *_: self._listed("queue", [{"id": 1, "name": "Users"}],
                                                                     {"id": 2, "name": "Security", "active": True}))
        self.route("GET", r"/api/v1/object_manager_attributes",
                   lambda *_: self._attributes())

    def _attributes(self) -> tuple[int, list[dict]]:
        status, listed = self._listed("field", [{"id": 1, "name": "title", "object": "Ticket"}],
                                      {"id": 50, "name": "tocsin_case", "object": "Ticket", "active": True})
        outcome = {"id": 51, "name": "tocsin_outcome", "object": "Ticket", "active": True}
        return status, listed + ([] if "outcome" in self.lacks else [outcome])

    def _listed(self, what: str, always: list[dict], ours: dict) -> tuple[int, list[dict]]:
        """For tokens with the right admin.group, or admin.object."""
        if "right" in self.lacks:
            raise Refusal(403, {"error": "Not authorized (token)!"})
        return 200, always + ([] if what in self.lacks else [ours])

    def _article(self, body: dict) -> dict:
        assert body["type"] == "note" and body["internal"] is True and body["content_type"] == "text/html"
        assert ticket_words.of_html(body["body"])
        return body

    def _create(self, _, query, body):
        only(body, {"title", "group", "customer_id", "article", "tocsin_case"}, {"priority", "state", "tocsin_outcome"})
        only(body["article"], {"subject", "body", "type", "internal", "content_type"})
        assert body["customer_id"].startswith("guess:") and body["group"] == "Security"
        name = str(len(self.tickets) + 1)
        self.tickets[name] = {
            "case": body["tocsin_case"], "title": body["title"], "stage": "new", "priority": body["priority"],
            "outcome": "", "articles": [self._article(body["article"])],
        }
        return 201, self._shown(name, {})

    def _shown(self, name: str, query) -> dict:
        ticket = self.held(name)
        shown = {"id": int(name), "number": f"68{name}", "title": ticket["title"], "group_id": 2, "state_id": 2, "priority_id": 2,
                 "tocsin_case": ticket["case"], "tocsin_outcome": ticket["outcome"]}
        if query.get("expand") == "true":
            shown |= {"state": ticket["stage"], "priority": ticket["priority"], "group": "Security"}
        return shown

    def _search(self, _, query, body):
        only(query, {"query", "expand", "page", "per_page"}, {"sort_by", "order_by", "limit"})
        assert query["expand"] == "true"
        wanted = query["query"]
        if match := re.fullmatch(r"tocsin_case:([0-9a-f]+)", wanted):
            names = self.of_case(match[1])
        else:
            assert re.fullmatch(r"tocsin_case:\* AND updated_at:>=\d{4}-\d\d-\d\d", wanted), wanted
            names = list(self.tickets)
        begin = (int(query["page"]) - 1) * int(query["per_page"])
        return 200, [self._shown(name, query) for name in names][begin : begin + int(query["per_page"])]

    def _update(self, match, query, body):
        only(body, set(), {"state", "priority", "group", "owner", "title"})
        ticket = self.held(match[1])
        assert body.get("state", "open") in ("new", "open", "closed")
        assert body.get("priority", "1 low") in ("1 low", "2 normal", "3 high")
        ticket["stage"] = body.get("state", ticket["stage"])
        ticket["priority"] = body.get("priority", ticket["priority"])
        ticket["title"] = body.get("title", ticket["title"])
        return 200, self._shown(match[1], query)

    def _append(self, _, query, body):
        only(body, {"ticket_id", "subject", "body", "type", "internal", "content_type"}, {"sender"})
        self.held(str(body["ticket_id"]))["articles"].append(self._article(body))
        return 201, {"id": 1, "ticket_id": int(body["ticket_id"]), "subject": body["subject"], "body": body["body"]}

    def _merge(self, match, query, body):
        twin, target = self.held(match[1]), self.held(match[2].removeprefix("68"))
        target["articles"] += twin["articles"]
        twin["stage"] = "merged"
        return 200, {"result": "success", "target_ticket": {}, "source_ticket": {}}

    def words(self, name: str) -> list[str]:
        return [ticket_words.of_html(article["body"]) for article in self.tickets[name]["articles"]]

    def decide(self, name: str, outcome: str) -> None:
        self.tickets[name]["outcome"] = outcome


class Zendesk(TicketServer):
    settings = {"system": "zendesk", "requester": "tocsin@example.com"}
    authorization = f"Bearer {TicketServer.token}"
    page = 1  # Tickets in a page of the export, whatever is asked for: less is allowed.
    priorities = {"P1": "urgent", "P2": "high", "P3": "normal", "P4": "low"}
    stages = {"new": "new", "closed": "solved", "open": "open"}

    def __init__(self):
        super().__init__()
        self._created: dict[str, tuple[dict, str]] = {}  # By idempotency key.
        self.route("POST", r"/api/v2/tickets", self._create)
        self.route("GET", r"/api/v2/tickets", self._by_external_id)
        self.route("GET", r"/api/v2/search/export", self._search)
        self.route("GET", r"/api/v2/users/me", self._me)
        self.route("GET", r"/api/v2/ticket_fields", self._fields)
        self.route("GET", r"/api/v2/tickets/(\d+)", lambda match, *_: (200, {"ticket": self._shown(match[1])}))
        self.route("PUT", r"/api/v2/tickets/(\d+)", self._update)
        self.route("GET", r"/api/v2/tickets/(\d+)/comments", self._comments)
        self.route("POST", r"/api/v2/tickets/(\d+)/merge", self._merge)

    def _comment(self, comment: dict) -> str:
        only(comment, {"html_body", "public"})
        assert comment["public"] is False and ticket_words.of_html(comment["html_body"])
        return comment["html_body"]

    def _create(self, _, query, body):
        only(body, {"ticket"})
        ticket = body["ticket"]
        only(ticket, {"subject", "comment"}, {"requester", "priority", "tags", "external_id", "custom_fields"})
        only(ticket["requester"], {"name", "email"})
        assert ticket["priority"] in self.priorities.values()
        key = self.headers.get("Idempotency-Key")
        assert key and len(key) <= 255
        if key in self._created:
            if self._created[key][0] != body:
                raise Refusal(400, {"errors": [{"code": "IdempotentRequestError"}]})
            return 201, {"ticket": self._shown(self._created[key][1])}
        name = str(len(self.tickets) + 1)
        self._created[key] = (body, name)
        self.tickets[name] = {
            "case": ticket["external_id"], "title": ticket["subject"], "stage": "new", "priority": ticket["priority"],
            "tags": list(ticket["tags"]), "words": [self._comment(ticket["comment"])],
        }
        return 201, {"ticket": self._shown(name), "audit": {}}

    def _shown(self, name: str) -> dict:
        ticket = self.held(name)
        return {"id": int(name), "external_id": ticket["case"], "subject": ticket["title"], "status": ticket["stage"],
                "priority": ticket["priority"], "tags": ticket["tags"]}

    def _by_external_id(self, _, query, body):
        only(query, {"external_id"})
        found = [self._shown(name) for name in self.of_case(query["external_id"])]
        return 200, {"tickets": found, "next_page": None, "count": len(found)}

    def _search(self, _, query, body):
        only(query, {"query", "filter[type]"}, {"page[size]", "page[after]"})
        assert re.fullmatch(r"tags:tocsin updated>=\d{4}-\d\d-\d\d", query["query"]), query
        assert query["filter[type]"] == "ticket" and 1 <= int(query["page[size]"]) <= 1000
        found = [self._shown(name) | {"result_type": "ticket"} for name, t in self.tickets.items() if "tocsin" in t["tags"]]
        begin = int(query.get("page[after]", "cursor-0").removeprefix("cursor-"))
        end = begin + min(self.page, int(query["page[size]"]))
        more = end < len(found)
        return 200, {"results": found[::-1][begin:end],  # Not in the order of their age.
                     "meta": {"has_more": more, "after_cursor": f"cursor-{end}" if more else None, "before_cursor": None},
                     "links": {"prev": None, "next": None}, "facets": None}

    def _me(self, *_):
        if "right" in self.lacks:
            return 200, {"user": {"id": None, "name": "Anonymous user", "role": "end-user"}}
        return 200, {"user": {"id": 7, "name": "Tocsin", "role": "agent"}}

    def _fields(self, *_):
        options = [{"id": 1, "name": "Fraud", "value": "tocsin_fraud"},
                   {"id": 2, "name": "False positive", "value": "tocsin_false_positive"}]
        if "field" in self.lacks:
            options.pop()
        return 200, {"ticket_fields": [{"id": 1, "type": "subject", "title": "Subject"},
                                       {"id": 2, "type": "tagger", "title": "Outcome", "custom_field_options": options}]}

    def _update(self, match, query, body):
        only(body, {"ticket"})
        change = body["ticket"]
        only(change, set(), {"comment", "priority", "status", "subject"})
        ticket = self.held(match[1])
        if ticket["stage"] == "closed":
            raise Refusal(422, {"error": "RecordInvalid", "description": "Status: closed prevents ticket update"})
        assert change.get("status", "open") in ("new", "open", "pending", "hold", "solved")
        if "comment" in change:
            ticket["words"].append(self._comment(change["comment"]))
        ticket["stage"] = change.get("status", ticket["stage"])
        ticket["priority"] = change.get("priority", ticket["priority"])
        ticket["title"] = change.get("subject", ticket["title"])
        return 200, {"ticket": self._shown(match[1]), "audit": {}}

    def _comments(self, match, query, body):
        only(query, set(), {"sort_order", "page[size]"})
        listed = [{"id": i, "body": ticket_words.of_html(text), "html_body": text, "public": False}
                  for i, text in enumerate(self.held(match[1])["words"])]
        return 200, {"comments": listed[::-1], "next_page": None, "count": len(listed)}

    def _merge(self, match, query, body):
        only(body, {"ids"}, {"target_comment", "source_comment", "target_comment_is_public", "source_comment_is_public"})
        for twin in body["ids"]:
            assert isinstance(twin, int)
            self.held(match[1])["words"] += self.held(str(twin))["words"]
            self.held(str(twin))["stage"] = "closed"
        return 200, {"job_status": {"id": "1", "status": "queued"}}

    def words(self, name: str) -> list[str]:
        return [ticket_words.of_html(text).rsplit(" Tocsin ", 1)[0] for text in self.tickets[name]["words"]]

    def decide(self, name: str, outcome: str) -> None:
        self.tickets[name]["tags"].append("tocsin_" + outcome.replace(" ", "_"))


class Jira(TicketServer):
    settings = {"system": "jira", "queue": "SEC", "request_type": "Incident", "user": "tocsin@example.com"}
    authorization = "Basic " + base64.b64encode(f"tocsin@example.com:{TicketServer.token}".encode()).decode()
    priorities = {"P1": "Highest", "P2": "High", "P3": "Medium", "P4": "Low"}
    stages = {"new": "new", "closed": "done", "open": "indeterminate"}
    _search_for = re.compile(r'project = "SEC" AND labels = "?([a-z0-9-]+)"?( AND updated >= "\d{4}-\d\d-\d\d")? ORDER BY created ASC')

    def __init__(self):
        super().__init__()
        self.links: list[tuple[str, str]] = []
        issue = r"/rest/api/2/issue/([A-Z]+-\d+)"
        self.route("POST", r"/rest/api/2/issue", self._create)
        self.route("GET", r"/rest/api/2/search/jql", self._search)
        self.route("GET", issue, self._show)
        self.route("PUT", issue, self._update)
        self.route("POST", issue + "/comment", self._append)
        self.route("GET", issue + "/comment", self._comments)
        self.route("GET", issue + "/transitions", self._transitions)
        self.route("POST", issue + "/transitions", self._transit)
        self.route("POST", r"/rest/api/2/issueLink", self._link)
        self.route("GET", r"/rest/api/2/project/SEC", self._project)
        self.route("GET", r"/rest/api/2/serverInfo", self._server_info)

    def _create(self, _, query, body):
        only(body, {"fields"}, {"update", "properties"})
        fields = body["fields"]
        only(fields, {"project", "issuetype", "summary"}, {"description", "labels", "priority", "duedate"})
        assert fields["project"] == {"key": "SEC"} and fields["issuetype"] == {"name": "Incident"}
        assert "\n" not in fields["summary"] and len(fields["summary"]) <= 255
        assert all(" " not in label and len(label) <= 255 for label in fields["labels"])
        name = f"SEC-{len(self.tickets) + 1}"
        self.tickets[name] = {
            "title": fields["summary"], "stage": "new", "priority": fields["priority"]["name"], "labels": fields["labels"],
            "words": [fields["description"]], "case": fields["labels"][1].removeprefix("tocsin-"),
        }
        return 201, {"id": name.removeprefix("SEC-"), "key": name, "self": f"{self.url}/rest/api/2/issue/1"}

    def _shown(self, name: str, fields: str) -> dict:
        """With the fields that are asked for, and no others."""
        ticket = self.held(name)
        category = {"id": 2, "key": ticket["stage"], "name": "…"}
        known = {"status": {"name": "…", "statusCategory": category}, "labels": ticket["labels"], "summary": ticket["title"]}
        return {"id": name.removeprefix("SEC-"), "key": name, "fields": {field: known[field] for field in fields.split(",")}}

    def _show(self, match, query, body):
        only(query, {"fields"})
        return 200, self._shown(match[1], query["fields"])

    def _search(self, _, query, body):
        only(query, {"jql", "fields"}, {"maxResults", "nextPageToken"})
        match = self._search_for.fullmatch(query["jql"])
        assert match, query["jql"]
        found = [name for name, ticket in self.tickets.items() if match[1] in ticket["labels"]]
        half = len(found) // 2  # Two pages, so that the next one has to be asked for.
        if "nextPageToken" not in query:
            return 200, {"issues": [self._shown(name, query["fields"]) for name in found[:half]], "nextPageToken": "page-2", "isLast": False}
        assert query["nextPageToken"] == "page-2"
        return 200, {"issues": [self._shown(name, query["fields"]) for name in found[half:]], "isLast": True}

    def _update(self, match, query, body):
        only(body, set(), {"fields", "update"})
        ticket = self.held(match[1])
        fields = body.get("fields", {})
        only(fields, set(), {"priority", "duedate", "summary"})
        ticket["priority"] = fields.get("priority", {"name": ticket["priority"]})["name"]
        ticket["title"] = fields.get("summary", ticket["title"])
        for change in body.get("update", {}).get("labels", []):
            only(change, set(), {"add", "remove"})
            ticket["labels"] = [label for label in ticket["labels"] if label != change.get("remove")]
        return 204, None

    def _append(self, match, query, body):
        only(body, {"body", "properties"})
        assert body["properties"] == [{"key": "sd.public.comment", "value": {"internal": True}}]
        self.held(match[1])["words"].append(body["body"])
        return 201, {"id": "1", "body": body["body"]}

    def _comments(self, match, query, body):
        only(query, set(), {"orderBy", "maxResults", "startAt"})
        comments = [{"id": str(i), "body": text} for i, text in enumerate(self.held(match[1])["words"][1:])]
        return 200, {"startAt": 0, "maxResults": 100, "total": len(comments), "comments": comments[::-1]}

    def _transitions(self, match, query, body):
        self.held(match[1])

        def to(key: str) -> dict:
            return {"name": key, "statusCategory": {"id": 1, "key": key}}

        return 200, {"transitions": [{"id": "11", "name": "Start", "to": to("indeterminate")},
                                     {"id": "21", "name": "Resolve", "to": to("done")}]}

    def _transit(self, match, query, body):
        only(body, {"transition"})
        only(body["transition"], {"id"})
        self.held(match[1])["stage"] = {"11": "indeterminate", "21": "done"}[body["transition"]["id"]]
        return 204, None

    def _project(self, *_):
        if self.lacks & {"queue", "place"}:
            raise Refusal(404, {"errorMessages": ["No project could be found with key 'SEC'."]})
        types = [{"id": "1", "name": "Task", "subtask": False}]
        if "type" not in self.lacks:
            types.append({"id": "2", "name": "Incident", "subtask": False})
        return 200, {"id": "10000", "key": "SEC", "name": "Security", "issueTypes": types, "projectTypeKey": "service_desk"}

    def _server_info(self, *_):
        if "place" in self.lacks:
            raise Refusal(404, {})
        return 200, {"baseUrl": self.url, "version": "9.12.0"}

    def _link(self, _, query, body):
        only(body, {"type", "inwardIssue", "outwardIssue"})
        assert body["type"] == {"name": "Duplicate"}
        self.links.append((body["inwardIssue"]["key"], body["outwardIssue"]["key"]))
        return 201, None

    def words(self, name: str) -> list[str]:
        return [ticket_words.of_jira(text.rsplit("\n\nTocsin ", 1)[0]) for text in self.tickets[name]["words"]]

    def decide(self, name: str, outcome: str) -> None:
        self.tickets[name]["labels"].append("tocsin-" + outcome.replace(" ", "-"))

    def twin(self, name: str, copy: str | None = None) -> str:
        return super().twin(name, f"SEC-{len(self.tickets) + 1}")
