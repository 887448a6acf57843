using System.Collections.Immutable;

namespace Streaming.WebFront;

/// <summary>One page of a list of ids: <c>?limit</c> (1,000 by default, at most 10,000) and <c>?after</c>.</summary>
internal readonly record struct IdPage(int Limit, Guid? After)
{
    private const int ByDefault = 1_000;
    private const int Max = 10_000;

    public static Problem? Read(string? limit, string? after, out IdPage page)
    {
        var badLimit = RequestValues.Limit(limit, ByDefault, Max, out var count);
        var badAfter = RequestValues.OptionalId("after", after, out var last);
        page = new IdPage(count, last);
        return badLimit ?? badAfter;
    }

    /// <summary>The ids as a bare array, with a link to the next page when this one is full.</summary>
    public Utf8Result Answer(HttpContext context, ImmutableArray<Guid> ids)
    {
        if (ids.Length == Limit)
            RequestValues.LinkNext(context, "after", ids[^1].ToString());

        return Utf8Result.Json<Guid[]>([.. ids], StreamingJson.Contract.GuidArray);
    }
}
