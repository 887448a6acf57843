namespace Streaming.WebFront.Videos;

/// <summary>What a part says of itself.</summary>
/// <param name="FileName">Null for a part that names no file.</param>
/// <param name="IsFile">It names a file, if only by an empty name, or has a type that fields of text do not have.</param>
internal sealed record FormPart(string? Name, string? FileName, bool IsFile)
{
    private const string Disposition = "Content-Disposition:";
    private const string Type = "Content-Type:";

    public static FormPart Read(ReadOnlySpan<string> headers)
    {
        string? name = null;
        string? fileName = null;
        var isTyped = false;
        foreach (var header in Unfold(headers))
        {
            if (header.StartsWith(Type, StringComparison.OrdinalIgnoreCase))
                isTyped = !header[Type.Length..].TrimStart().StartsWith("text/plain", StringComparison.OrdinalIgnoreCase);
            else if (name is null && fileName is null && header.StartsWith(Disposition, StringComparison.OrdinalIgnoreCase))
                (name, fileName) = ContentDisposition.Read(header[Disposition.Length..]);
        }

        return new FormPart(name, fileName, fileName is not null || isTyped);
    }

    /// <summary>A line that begins with a space goes on with the one before.</summary>
    private static List<string> Unfold(ReadOnlySpan<string> lines)
    {
        var headers = new List<string>();
        foreach (var line in lines)
        {
            if (headers.Count > 0 && line is [' ' or '\t', ..])
                headers[^1] += " " + line.Trim();
            else
                headers.Add(line);
        }

        return headers;
    }
}
