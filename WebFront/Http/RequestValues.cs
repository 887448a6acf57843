using System.Globalization;

namespace Streaming.WebFront;

/// <summary>Checked values of path, query and headers. Each returns a problem that names the field, or null.</summary>
internal static class RequestValues
{
    /// <summary>Whether it is a UUID in its usual form, nothing around it.</summary>
    public static bool IsId(string? text, out Guid id)
    {
        id = default;
        return text is { Length: 36 } && Guid.TryParseExact(text, "D", out id);
    }

    /// <summary>A text of a client as it is said back to it: its beginning, which does not end within a character.</summary>
    public static string Shorten(string text, int length) =>
        text.Length <= length ? text : text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)] + "…";

    public static Problem? Id(string name, string? text, out Guid id) =>
        IsId(text, out id) ? null : Problem.BadRequest(name, $"{name} must be a UUID, such as 0b5c6c0e-6c7e-4e43-9a0f-3f1c9a1d2e5b.");

    public static Problem? OptionalId(string name, string? text, out Guid? id)
    {
        id = null;
        if (text is null)
            return null;

        var problem = Id(name, text, out var value);
        id = value;
        return problem;
    }

    public static Problem? Limit(string? text, int byDefault, int max, out int limit)
    {
        limit = byDefault;
        if (text is null || (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) && limit >= 1 && limit <= max))
            return null;

        return Problem.BadRequest("limit", string.Create(CultureInfo.InvariantCulture, $"limit must be a whole number from 1 to {max}."));
    }

    public static Problem? Cursor(string? text, out PageCursor? cursor)
    {
        cursor = null;
        if (text is null)
            return null;

        if (!PageCursor.TryParse(text, out var parsed))
            return Problem.BadRequest("cursor", "cursor must be one that a page before gave in its Link header.");

        cursor = parsed;
        return null;
    }

    /// <summary>Adds the link to the next page, on the same path with the same other parameters.</summary>
    public static void LinkNext(HttpContext context, string parameter, string value)
    {
        var query = context.Request.Query
            .Where(pair => pair.Key != parameter)
            .SelectMany(pair => pair.Value.Select(v => KeyValuePair.Create(pair.Key, v)))
            .Append(KeyValuePair.Create(parameter, (string?)value));
        context.Response.Headers.Link = $"<{context.Request.PathBase}{context.Request.Path}{QueryString.Create(query)}>; rel=\"next\"";
    }
}
