using static Streaming.Tests.Http.BadRequest;

namespace Streaming.Tests.Http;

internal static partial class BadRequests
{
    private static IEnumerable<BadRequest> Uploads()
    {
        const string Route = "POST /api/videos/upload";
        const string Path = "/api/videos/upload";
        const string Form = "multipart/form-data; boundary=";
        return
        [
            new(Route, "JSON", Path, 415, null, Utf8("{}"), Json),
            new(Route, "fields alone", Path, 415, null, Utf8("title=x"), "application/x-www-form-urlencoded"),
            new(Route, "video without a form", Path, 415, null, Utf8("x"), "video/mp4"),
            new(Route, "parts of something else", Path, 415, null, Utf8("--x--"), "multipart/mixed; boundary=x"),
            new(Route, "nothing", Path, 415, "Content-Type"),
            new(Route, "no boundary", Path, 400, "Content-Type", Utf8("--x--"), "multipart/form-data"),
            new(Route, "empty boundary", Path, 400, "Content-Type", Utf8("--x--"), Form + "\"\""),
            new(Route, "long boundary", Path, 400, "Content-Type", Utf8("--x--"), Form + new string('x', 71)),
            new(Route, "empty form", Path, 400, "video", [], Form + "x"),
            new(Route, "unknown person", Path, 404, null, Utf8("--x--"), Form + "x"),
        ];
    }
}
