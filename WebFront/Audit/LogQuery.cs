using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Streaming.Audit;

namespace Streaming.WebFront.Audit;

/// <summary>Which entries of the log are asked for.</summary>
internal sealed class LogFilterQuery
{
    private static readonly string[] Moments = ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    [FromQuery(Name = "from")]
    public string? From { get; init; }

    [FromQuery(Name = "to")]
    public string? To { get; init; }

    [FromQuery(Name = "action")]
    public string? Action { get; init; }

    [FromQuery(Name = "service")]
    public string? Service { get; init; }

    public Problem? Read(Guid? userId, out LogFilter filter)
    {
        var badFrom = Moment("from", From, out var from);
        var badTo = Moment("to", To, out var to);
        filter = new LogFilter(userId, from, to, Action, Service);
        return badFrom ?? badTo ?? Name("action", Action) ?? Name("service", Service);
    }

    private static Problem? Moment(string name, string? text, out DateTimeOffset? moment)
    {
        moment = null;
        if (text is null)
            return null;

        if (!DateTimeOffset.TryParseExact(
            text, Moments, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var parsed))
        {
            return Problem.BadRequest(name, $"{name} must be a date or a moment, such as 2026-05-04 or 2026-05-04T20:15:00Z.");
        }

        moment = parsed;
        return null;
    }

    private static Problem? Name(string name, string? text) =>
        text is null || (text.Length is > 0 and <= LogEntry.MaxName && !text.Any(char.IsControl))
            ? null
            : Problem.BadRequest(name, $"{name} must be a text of 1 to {LogEntry.MaxName} characters.");
}
