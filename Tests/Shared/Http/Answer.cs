using System.Text.Json;
using System.Text.RegularExpressions;

namespace Streaming.Tests.Http;

/// <summary>A whole answer, and what tests ask of one.</summary>
internal sealed record Answer(string Request, int Status, string? ContentType, IReadOnlyDictionary<string, string> Headers, string Text)
{
    private static readonly string[] Leaks = ["Exception", "Sqlite", "SQLite", "at Streaming.", "at System.", "at Microsoft.", "   at "];

    public JsonElement Json => JsonElement.Parse(Text);

    /// <summary>Address of the next page.</summary>
    public string? Next => Headers.TryGetValue("Link", out var link)
        ? Regex.Match(link, "^<(?<next>[^>]+)>; rel=\"next\"$").Groups["next"].Value
        : null;

    public Answer Is(int status, string? contentType = null)
    {
        Assert.True(Status == status, $"{Request}: {Status} instead of {status}: {Text}");
        if (contentType is not null)
            Assert.Equal(contentType, ContentType);

        return this;
    }

    public Answer IsJson(int status = 200) => Is(status, "application/json; charset=utf-8");

    /// <summary>An error as every client can read it, which tells nothing of the inside.</summary>
    public Answer IsProblem(int status, string? field = null, string? message = null, string? error = null, string? limit = null)
    {
        Is(status, "application/problem+json");
        var problem = Json;
        Assert.Equal(
            "type:String title:String status:Number detail:String message:String"
            + (field is null ? "" : " field:String") + (error is null ? "" : " error:String") + (limit is null ? "" : " limit:String") + " traceId:String",
            Shape.Of(problem));
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        Assert.Equal(problem.GetProperty("detail").GetString(), problem.GetProperty("message").GetString());
        Assert.All(["title", "message", "traceId"], name => Assert.NotEqual("", problem.GetProperty(name).GetString()));
        if (field is not null)
            Assert.Equal(field, problem.GetProperty("field").GetString());

        if (message is not null)
            Assert.Equal(message, problem.GetProperty("message").GetString());

        if (error is not null)
            Assert.Equal(error, problem.GetProperty("error").GetString());

        if (limit is not null)
            Assert.Equal(limit, problem.GetProperty("limit").GetString());

        Assert.All(Leaks, leak => Assert.DoesNotContain(leak, Text, StringComparison.Ordinal));
        Assert.Equal("nosniff", Headers["X-Content-Type-Options"]);
        return this;
    }
}
