using System.Globalization;
using Microsoft.AspNetCore.Mvc;

namespace Streaming.WebFront;

/// <summary>Which page of a list: by <c>start</c>, as the replaced system had it, or by <c>cursor</c> and <c>limit</c>.</summary>
internal sealed class PageQuery
{
    [FromQuery(Name = "start")]
    public string? Start { get; init; }

    [FromQuery(Name = "limit")]
    public string? Limit { get; init; }

    [FromQuery(Name = "cursor")]
    public string? Cursor { get; init; }

    public bool IsByNumber => Cursor is null && Limit is null;

    public Problem? ReadStart(out int start)
    {
        start = 0;
        return Start is null || int.TryParse(Start, NumberStyles.None, CultureInfo.InvariantCulture, out start)
            ? null
            : Problem.BadRequest("start", "start must be a whole number: how many entries to leave out.");
    }

    public Problem? ReadPage(int limitByDefault, int maxLimit, out PageCursor? before, out int limit)
    {
        var badCursor = RequestValues.Cursor(Cursor, out before);
        var badLimit = RequestValues.Limit(Limit, limitByDefault, maxLimit, out limit);
        return Start is null ? badCursor ?? badLimit : Problem.BadRequest("start", "start does not go with cursor or limit: follow the Link header instead.");
    }
}
