using static Streaming.Tests.Http.BadRequest;

namespace Streaming.Tests.Http;

/// <summary>Bad requests for every route. A route that is mapped must be here.</summary>
internal static partial class BadRequests
{
    private const string Content = "/api/v1/content";
    private const string Json = "application/json";
    private const string UrlEncoded = "application/x-www-form-urlencoded";
    private const int BodyLimit = 16 * 1024;
    private const int ReviewLimit = 100 * 1024;
    private const int BatchLimit = 2 * 1024 * 1024;

    private static readonly string[] BadIds =
    [
        "1", "null", "undefined", "not-a-uuid", "%27%20OR%201%3D1%20--", "..%2f..%2fetc%2fpasswd", "%ff%fe", "%ED%A0%80", "%C3%A9", "%20",
        "{7d13bded-8b2c-13b5-cb14-640d3a4252f4}", "7d13bded8b2c13b5cb14640d3a4252f4", "7d13bded-8b2c-13b5-cb14-640d3a4252f", "7d13bded-8b2c-13b5-cb14-640d3a4252f44",
        "7d13bded-8b2c-13b5-cb14-640d3a4252fg", "0x7d13bde-8b2c-13b5-cb14-640d3a4252f4", "%207d13bded-8b2c-13b5-cb14-640d3a4252f4", new('a', 3_000),
    ];

    private static readonly string[] BadLimits =
        ["", "-1", "0", "1e9", "1000000000", "2147483648", "99999999999999999999999", "1.5", "%201", "+5", "0x10", "ten", "%D9%A1", "1&limit=2", "%00", new('9', 3_000)];

    private static readonly string[] BadCursors =
        ["", "x", "00000000000000000000000000000000000000", "!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!", "AAAABogbnLy2AHr65vz-nnZ_sZSWaCip+", "%00", "%ff", new('A', 3_000)];

    private static readonly string[] NoTexts = ["5", "true", "[]", "{}", "[\"a\"]"];
    private static readonly string[] NoNumbers = ["\"\"", "\"x\"", "\"NaN\"", "\"Infinity\"", "true", "null", "[]", "[5]", "{}", "\"0x5\"", "\"5,5\"", "\"\\ud800\""];
    private static readonly string[] NoSeconds = ["-1", "-0.5", "\"-1\"", "1e400", "-1e400", "172801", "1e18", "99999999999999999999999999"];
    private static readonly string[] NoMoments =
        ["1777925700000", "true", "[]", "{}", "\"\"", "\"yesterday\"", "\"2026-05-04\"", "\"2026-05-04T20:15:00\"", "\"2026-13-04T20:15:00Z\"", "\"2999-01-01T00:00:00Z\"", "\"1969-12-31T23:59:59Z\"", "\"0001-01-01T00:00:00+14:00\""];
    private static readonly string[] NoWholeNumbers = ["1.5", "1.0000001", "1e400", "-1e400", "1e100", "99999999999999999999999999", "-1", "\"1.5\""];

    public static IReadOnlyList<BadRequest> All { get; } =
    [
        .. Limits($"GET {Content}/ids", $"{Content}/ids?limit="),
        .. Queries($"GET {Content}/ids", $"{Content}/ids?after=", "after", ["", .. BadIds]),
        .. Limits($"GET {Content}/users/ids", $"{Content}/users/ids?limit="),
        .. Queries($"GET {Content}/users/ids", $"{Content}/users/ids?after=", "after", ["", .. BadIds]),
        .. Ids($"GET {Content}/users/{{userId}}/watch-history", $"{Content}/users/", "/watch-history", "userId"),
        .. Limits($"GET {Content}/users/{{userId}}/watch-history", $"{Content}/users/{{user}}/watch-history?limit="),
        .. Queries($"GET {Content}/users/{{userId}}/watch-history", $"{Content}/users/{{user}}/watch-history?cursor=", "cursor", BadCursors),
        .. Limits($"GET {Content}/trending/hourly", $"{Content}/trending/hourly?limit="),
        .. Limits($"GET {Content}/trending/daily", $"{Content}/trending/daily?limit="),
        .. Limits($"GET {Content}/trending/weekly", $"{Content}/trending/weekly?limit="),
        .. Ids($"GET {Content}/{{id}}", $"{Content}/", "", "id"),
        Unknown($"GET {Content}/{{id}}", $"{Content}/{Guid.Empty}"),
        .. Ids($"GET {Content}/{{id}}/details", $"{Content}/", "/details", "id"),
        Unknown($"GET {Content}/{{id}}/details", $"{Content}/{Guid.Empty}/details"),
        .. Ids($"GET {Content}/{{id}}/reviews", $"{Content}/", "/reviews", "id"),
        .. Limits($"GET {Content}/{{id}}/reviews", $"{Content}/{{title}}/reviews?limit="),
        .. Queries($"GET {Content}/{{id}}/reviews", $"{Content}/{{title}}/reviews?cursor=", "cursor", BadCursors),
        .. Queries($"GET {Content}/{{id}}/reviews", $"{Content}/{{title}}/reviews?sort=", "sort", ["", "oldest", "Newest", "newest;drop", "top&sort=rating", "%00"]),
        .. Reviews(),
        .. Ids($"POST {Content}/{{id}}/views/increment", $"{Content}/", "/views/increment", "id"),
        Unknown($"POST {Content}/{{id}}/views/increment", $"{Content}/{Guid.Empty}/views/increment"),
        .. Counts(),
        .. Batches(),
        .. Progress(),
        .. Ids("GET /api/v1/users/{userId}/progress/{contentId}", "/api/v1/users/", "/progress/{title}", "userId"),
        .. Ids("GET /api/v1/users/{userId}/progress/{contentId}", "/api/v1/users/{user}/progress/", "", "contentId"),
        Unknown("GET /api/v1/users/{userId}/progress/{contentId}", $"/api/v1/users/{{user}}/progress/{Guid.Empty}"),
        .. Ids("GET /api/v1/users/{userId}/progress", "/api/v1/users/", "/progress", "userId"),
        .. Limits("GET /api/v1/users/{userId}/progress", "/api/v1/users/{user}/progress?limit="),
        .. SignIn(),
        .. Accounts(),
        .. Administration(),
        .. Logs(),
        .. Videos(),
        .. Uploads(),
    ];

    private static IEnumerable<BadRequest> Reviews()
    {
        const string Route = $"POST {Content}/{{id}}/reviews";
        const string Path = $"{Content}/{{title}}/reviews";
        const string Person = "\"user_id\":\"{user}\"";
        return
        [
            .. Ids(Route, $"{Content}/", "/reviews", "id", $$"""{{{Person}},"rating":5}"""),
            .. Bodies(Route, Path, ReviewLimit),
            .. Fields(Route, Path, "user_id", [.. NoTexts, "null", "\"\"", "\"x\"", "\"{user} \"", "\"\\ud800\"", "\"?\"", "\"\\u0000\""], """{"rating":5,"user_id":VALUE}"""),
            .. Fields(Route, Path, "rating", [.. NoNumbers, "0", "0.99", "10.01", "11", "-5", "1e400", "-1e400", "99999999999999999999999", "\"11\""], $$"""{{{Person}},"rating":VALUE}"""),
            .. Fields(Route, Path, "comment", [.. NoTexts, $"\"{new string('x', 5_001)}\"", "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"?\"", "\"a\\u0000b\"", "\"\\u0000\""], $$"""{{{Person}},"rating":5,"comment":VALUE}"""),
            .. Fields(Route, Path, "is_spoiler", ["1", "\"yes\"", "[]", "{}", "\"\\ud800\""], $$"""{{{Person}},"rating":5,"is_spoiler":VALUE}"""),
            new(Route, "unknown title", $"{Content}/{Guid.Empty}/reviews", 404, null, Utf8($$"""{{{Person}},"rating":5}"""), Json),
            new(Route, "unknown person", Path, 404, null, Utf8($$"""{"user_id":"{{Guid.Empty}}","rating":5}"""), Json),
            new(Route, "empty form", Path, 400, "user_id", Utf8("x="), UrlEncoded),
            new(Route, "form without rating", Path, 400, "rating", Utf8("user_id={user}"), UrlEncoded),
            new(Route, "form with a bad id", Path, 400, "user_id", Utf8("user_id=%00&rating=5"), UrlEncoded),
            new(Route, "form with a bad rating", Path, 400, "rating", Utf8("user_id={user}&rating=five"), UrlEncoded),
            new(Route, "form with two ratings", Path, 400, "rating", Utf8("user_id={user}&rating=5&rating=6"), UrlEncoded),
            new(Route, "form with a NUL in its comment", Path, 400, "comment", Utf8("user_id={user}&rating=5&comment=a%00b"), UrlEncoded),
            new(Route, "form with a bad flag", Path, 400, "is_spoiler", Utf8("user_id={user}&rating=5&is_spoiler=perhaps"), UrlEncoded),
            new(Route, "form that is JSON", Path, 400, "user_id", Utf8($$"""{{{Person}},"rating":5}"""), UrlEncoded),
            new(Route, "form of many fields", Path, 400, "user_id", Utf8(string.Join('&', Enumerable.Range(0, 5_000).Select(i => $"f{i}=1"))), UrlEncoded),
            new(Route, "large form", Path, 413, null, Utf8("comment=" + new string('x', ReviewLimit)), UrlEncoded),
        ];
    }

    private static IEnumerable<BadRequest> Counts()
    {
        const string Route = $"POST {Content}/{{id}}/views";
        const string Path = $"{Content}/{{title}}/views";
        return
        [
            .. Ids(Route, $"{Content}/", "/views", "id", """{"count":1}"""),
            .. Bodies(Route, Path, BodyLimit),
            .. Fields(Route, Path, "count", [.. NoNumbers, .. NoWholeNumbers, "0", "1000001"], """{"count":VALUE}"""),
            new(Route, "unknown field", Path, 400, "counts", Utf8("""{"count":1,"counts":2}"""), Json),
            new(Route, "no count", Path, 400, "count", Utf8("{}"), Json),
            new(Route, "field twice", Path, 400, "count", Utf8("""{"count":1,"count":2}"""), Json),
            new(Route, "unknown title", $"{Content}/{Guid.Empty}/views", 404, null, Utf8("""{"count":1}"""), Json),
        ];
    }

    private static IEnumerable<BadRequest> Batches()
    {
        const string Route = "POST /api/v1/views";
        const string Path = "/api/v1/views";
        const string Entry = """{"content_id":"{title}","count":1}""";
        return
        [
            .. Malformed(Route, Path),
            new(Route, "no body", Path, 400, "body", Utf8(""), Json),
            new(Route, "truncated array", Path, 400, "body", Utf8($"[{Entry}"), Json),
            new(Route, "truncated entry", Path, 400, "body", Utf8($"[{Entry},{Entry[..^1]}"), Json),
            new(Route, "bad second line", Path, 400, "body", Utf8($"{Entry}\n{{"), "application/x-ndjson"),
            new(Route, "half a surrogate pair", Path, 400, "body", Utf8("""[{"content_id":"{title}","count":1,"key":"\ud800"}]"""), Json),
            new(Route, "half a surrogate pair for an id", Path, 400, "body", Utf8("""[{"content_id":"\ud800","count":1}]"""), Json),
            new(Route, "half a surrogate pair in a name", Path, 400, "body", Utf8("""[{"\ud800":"{title}","count":1}]"""), Json),
            new(Route, "no UTF-8", Path, 400, "body", InvalidUtf8("""[{"content_id":"{title}","count":1,"key":"?"}]"""), Json),
            new(Route, "wrong content type", Path, 415, null, Utf8($"[{Entry}]"), "text/plain"),
            new(Route, "JSON text sequence", Path, 415, null, Utf8(Entry), "application/json-seq"),
            new(Route, "form", Path, 415, null, Utf8("content_id={title}&count=1"), "application/x-www-form-urlencoded"),
            new(Route, "large body", Path, 413, null, Utf8(Entry.PadRight(BatchLimit + 1)), Json),
            new(Route, "too many entries", Path, 413, "body", Utf8($"[{string.Join(',', Enumerable.Repeat("1", 10_001))}]"), Json),
        ];
    }

    private static IEnumerable<BadRequest> Progress()
    {
        const string Route = "PUT /api/v1/users/{userId}/progress/{contentId}";
        const string Post = "POST /api/v1/users/{userId}/progress/{contentId}";
        const string Delete = "DELETE /api/v1/users/{userId}/progress/{contentId}";
        const string Path = "/api/v1/users/{user}/progress/{title}";
        const string Beat = """{"position_seconds":1,"duration_seconds":100,"session_id":"s"}""";
        return
        [
            .. Ids(Route, "/api/v1/users/", "/progress/{title}", "userId", Beat),
            .. Ids(Route, "/api/v1/users/{user}/progress/", "", "contentId", Beat),
            .. Bodies(Route, Path, BodyLimit),
            .. Fields(Route, Path, "position_seconds", [.. NoNumbers, .. NoSeconds], """{"position_seconds":VALUE,"duration_seconds":100,"session_id":"s"}"""),
            .. Fields(Route, Path, "duration_seconds", [.. NoNumbers.Except(["null"]), .. NoSeconds], """{"position_seconds":0,"duration_seconds":VALUE,"session_id":"s"}"""),
            .. Fields(Route, Path, "session_id", [.. NoTexts, "null", "\"\"", $"\"{new string('s', 129)}\"", "\"\\ud800\"", "\"?\"", "\"\\u0000\""], """{"position_seconds":1,"duration_seconds":100,"session_id":VALUE}"""),
            .. Fields(Route, Path, "watched_at", NoMoments, """{"position_seconds":1,"session_id":"s","watched_at":VALUE}"""),
            .. Fields(Route, Path, "stopped", ["1", "\"perhaps\"", "[]", "{}"], """{"position_seconds":1,"session_id":"s","stopped":VALUE}"""),
            new(Route, "unknown field", Path, 400, "watchedAt", Utf8("""{"position_seconds":1,"session_id":"s","watchedAt":"2026-05-04T20:15:00Z"}"""), Json),
            new(Route, "field of other letters", Path, 400, "Position_Seconds", Utf8("""{"position_seconds":1,"session_id":"s","Position_Seconds":2}"""), Json),
            .. Ids(Post, "/api/v1/users/", "/progress/{title}", "userId", Beat),
            .. Bodies(Post, Path, BodyLimit),
            .. Fields(Post, Path, "position_seconds", [.. NoNumbers, .. NoSeconds], """{"position_seconds":VALUE,"session_id":"s"}"""),
            .. Ids(Delete, "/api/v1/users/", "/progress/{title}", "userId"),
            .. Ids(Delete, "/api/v1/users/{user}/progress/", "", "contentId"),
            new(Delete, "unknown person", $"/api/v1/users/{Guid.Empty}/progress/{{title}}", 404, null),
            new(Route, "no session", Path, 400, "session_id", Utf8("""{"position_seconds":1,"duration_seconds":100}"""), Json),
            new(Route, "unknown person", $"/api/v1/users/{Guid.Empty}/progress/{{title}}", 404, null, Utf8(Beat), Json),
            new(Route, "unknown title", $"/api/v1/users/{{user}}/progress/{Guid.Empty}", 404, null, Utf8(Beat), Json),
        ];
    }

    private static IEnumerable<BadRequest> SignIn()
    {
        const string Register = "POST /api/users/register";
        const string LogIn = "POST /api/users/login";
        const string Refresh = "POST /api/users/refresh";
        string[] noEmails = [.. NoTexts, "null", "\"\"", "\"ada\"", "\"@example.com\"", "\"ada@\"", "\"a@b@c\"", "\"a da@example.com\"", "\"a\\u0000@example.com\"", "\"\\ud800@x\"", $"\"{new string('a', 250)}@x.de\""];
        return
        [
            .. Bodies(Register, "/api/users/register", BodyLimit),
            .. Fields(Register, "/api/users/register", "email", noEmails, """{"email":VALUE,"password":"correct horse"}"""),
            .. Fields(Register, "/api/users/register", "password", [.. NoTexts, "null", "\"\"", "\"12345\"", $"\"{new string('p', 257)}\"", "\"pass\\u0000word\""], """{"email":"ada@example.com","password":VALUE}"""),
            .. Fields(Register, "/api/users/register", "username", [.. NoTexts, $"\"{new string('u', 101)}\"", "\"a\\u0000b\""], """{"email":"ada@example.com","password":"correct horse","username":VALUE}"""),
            .. Bodies(LogIn, "/api/users/login", BodyLimit),
            .. Fields(LogIn, "/api/users/login", "email", noEmails, """{"email":VALUE,"password":"correct horse"}"""),
            .. Fields(LogIn, "/api/users/login", "password", [.. NoTexts, "null", "\"\"", $"\"{new string('p', 257)}\""], """{"email":"ada@example.com","password":VALUE}"""),
            .. Bodies(Refresh, "/api/users/refresh", BodyLimit),
            new(Refresh, "unknown field", "/api/users/refresh", 400, "token", Utf8("""{"refresh_token":"r","token":"t"}"""), Json),
            .. Fields(Refresh, "/api/users/refresh", "refresh_token", [.. NoTexts, "null", "\"\"", $"\"{new string('r', 257)}\""], """{"refresh_token":VALUE}"""),
        ];
    }

    private static IEnumerable<BadRequest> Accounts()
    {
        const string Password = "POST /api/users/password";
        const string Delete = "DELETE /api/users/me";
        return
        [
            .. Ids("GET /api/users/user/{userId}", "/api/users/user/", "", "userId"),
            .. Ids("DELETE /api/users/sessions/{sessionId}", "/api/users/sessions/", "", "sessionId"),
            Unknown("DELETE /api/users/sessions/{sessionId}", $"/api/users/sessions/{Guid.Empty}"),
            .. Bodies(Password, "/api/users/password", BodyLimit),
            .. Fields(Password, "/api/users/password", "current_password", [.. NoTexts, "null", "\"\""], """{"current_password":VALUE,"new_password":"battery staple"}"""),
            .. Fields(Password, "/api/users/password", "new_password", [.. NoTexts, "null", "\"\"", "\"12345\"", $"\"{new string('p', 257)}\""], """{"current_password":"correct horse","new_password":VALUE}"""),
            new(Password, "unknown field", "/api/users/password", 400, "end_sessions", Utf8("""{"current_password":"correct horse","new_password":"battery staple","end_sessions":false}"""), Json),
            .. Bodies(Delete, "/api/users/me", BodyLimit),
            new(Delete, "unknown field", "/api/users/me", 400, "dry_run", Utf8("""{"password":"correct horse","dry_run":true}"""), Json),
            .. Fields(Delete, "/api/users/me", "password", [.. NoTexts, "null", "\"\""], """{"password":VALUE}"""),
        ];
    }

    private static IEnumerable<BadRequest> Administration()
    {
        const string List = "GET /api/admin/users";
        const string Users = "/api/admin/users/";
        const string Role = "PUT /api/admin/users/{userId}/role";
        const string Keys = "POST /api/admin/api-keys";
        return
        [
            .. Limits(List, "/api/admin/users?limit="),
            .. Queries(List, "/api/admin/users?cursor=", "cursor", BadCursors),
            .. Queries(List, "/api/admin/users?search=", "search", ["", "%00", new('s', 255)]),
            .. Queries(List, "/api/admin/users?role=", "role", ["", "Admin", "root", "user,admin"]),
            .. Queries(List, "/api/admin/users?banned=", "banned", ["", "1", "True", "maybe"]),
            .. Ids("POST /api/admin/users/{userId}/ban", Users, "/ban", "userId"),
            Unknown("POST /api/admin/users/{userId}/ban", $"{Users}{Guid.Empty}/ban"),
            .. Ids("POST /api/admin/users/{userId}/unban", Users, "/unban", "userId"),
            .. Ids("DELETE /api/admin/users/{userId}", Users, "", "userId"),
            .. Ids(Role, Users, "/role", "userId", """{"role":"user"}"""),
            .. Bodies(Role, Users + "{user}/role", BodyLimit),
            .. Fields(Role, Users + "{user}/role", "role", [.. NoTexts, "null", "\"\"", "\"Admin\"", "\"collector\""], """{"role":VALUE}"""),
            new(Role, "unknown person", $"{Users}{Guid.Empty}/role", 404, null, Utf8("""{"role":"user"}"""), Json),
            new(Role, "unknown field", Users + "{user}/role", 400, "until", Utf8("""{"role":"admin","until":"tomorrow"}"""), Json),
            new(Keys, "unknown field", "/api/admin/api-keys", 400, "expires", Utf8("""{"name":"edge","expires":"never"}"""), Json),
            new(Keys, "unknown field of a form", "/api/admin/api-keys", 400, "expires", Utf8("name=edge&expires=never"), UrlEncoded),
            .. Bodies(Keys, "/api/admin/api-keys", BodyLimit),
            .. Fields(Keys, "/api/admin/api-keys", "name", [.. NoTexts, "null", "\"\"", $"\"{new string('n', 101)}\""], """{"name":VALUE}"""),
            .. Ids("DELETE /api/admin/api-keys/{keyId}", "/api/admin/api-keys/", "", "keyId"),
            Unknown("DELETE /api/admin/api-keys/{keyId}", $"/api/admin/api-keys/{Guid.Empty}"),
        ];
    }

    private static IEnumerable<BadRequest> Logs()
    {
        const string Add = "POST /api/logs/add";
        string[] noTexts = [.. NoTexts, "null", "\"\""];
        return
        [
            .. Malformed(Add, "/api/logs/add"),
            .. Fields(Add, "/api/logs/add", "action", noTexts, """{"action":VALUE,"description":"d","service":"s"}"""),
            .. Fields(Add, "/api/logs/add", "description", noTexts, """{"action":"a","description":VALUE,"service":"s"}"""),
            .. Fields(Add, "/api/logs/add", "service", noTexts, """{"action":"a","description":"d","service":VALUE}"""),
            .. Limits("GET /api/logs/all", "/api/logs/all?limit="),
            .. Queries("GET /api/logs/all", "/api/logs/all?cursor=", "cursor", BadCursors),
            .. Ids("GET /api/logs/user/{uid}", "/api/logs/user/", "", "uid"),
            .. Limits("GET /api/logs/user/{uid}", "/api/logs/user/{user}?limit="),
            .. Queries("GET /api/logs/export", "/api/logs/export?from=", "from", ["yesterday", "%00"]),
            .. Ids("GET /api/logs/user/{uid}/export", "/api/logs/user/", "/export", "uid"),
        ];
    }

    /// <summary>Bodies that are wrong as a whole, for a route that takes a JSON object.</summary>
    private static IEnumerable<BadRequest> Bodies(string route, string path, int limit) =>
    [
        .. Malformed(route, path),
        .. from body in (string[])["", " ", "[]", "[{}]", "null", "17", "\"text\"", "true", "{} {}"]
           select new BadRequest(route, $"body {body}", path, 400, "body", Utf8(body), Json),
        new(route, "half a surrogate pair in a name", path, 400, "body", Utf8("""{"\ud800":1}"""), Json),
        // A page of another origin may post without a type, and needs no leave for it: open routes take none.
        RouteTable.All.Single(entry => entry.Name == route) is { Method: "POST" } listed && listed.Policy.EndsWith(" or open access", StringComparison.Ordinal)
            ? new(route, "no content type and no JSON", path, 415, "Content-Type", Utf8("a=b"), null)
            : new(route, "no content type and no JSON", path, 400, "body", Utf8("a=b"), null),
        new(route, "wrong content type", path, 415, null, Utf8("{}"), "text/plain"),
        new(route, "XML", path, 415, null, Utf8("<a/>"), "application/xml"),
        new(route, "multipart", path, 415, null, Utf8("--x--"), "multipart/form-data; boundary=x"),
        new(route, "large body", path, 413, null, Utf8($"{{\"x\":\"{new string('x', limit)}\"}}"), Json),
    ];

    private static IEnumerable<BadRequest> Malformed(string route, string path) =>
        from body in (string[])["{", "}", "{]", "[{]", "{\"a\":}", "{'a':1}", "{\"a\":1,}", "{\"a\":01}", "NaN", "nul", "\"", "{\"a\":\"\u0001\"}", "{\"a\":\"\\x\"}", "/* */ {}", "\uFEFF\uFEFF{}", "\0", new('[', 15_000)]
        select new BadRequest(route, $"malformed {(body.Length > 20 ? "nesting" : body)}", path, 400, "body", Utf8(body), Json);

    private static IEnumerable<BadRequest> Fields(string route, string path, string field, string[] values, string body) =>
        from value in values
        select new BadRequest(
            route, $"{field} {(value.Length > 30 ? value[..10] + "…" : value)}", path, 400, field,
            InvalidUtf8(body.Replace("VALUE", value, StringComparison.Ordinal)), Json);

    private static IEnumerable<BadRequest> Ids(string route, string before, string after, string field, string? body = null) =>
        from id in BadIds
        select new BadRequest(
            route, $"{field} {(id.Length > 100 ? "of 3,000 letters" : id)}", before + id + after, 400, field, body is null ? null : Utf8(body), body is null ? null : Json);

    private static IEnumerable<BadRequest> Limits(string route, string path) => Queries(route, path, "limit", BadLimits);

    private static IEnumerable<BadRequest> Queries(string route, string path, string field, string[] values) =>
        from value in values
        select new BadRequest(route, $"{field}={(value.Length > 100 ? "of 3,000 letters" : value)}", path + value, 400, field);

    private static BadRequest Unknown(string route, string path) => new(route, "unknown", path, 404);
}
