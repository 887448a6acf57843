using System.Text.RegularExpressions;
using Microsoft.Extensions.Primitives;

namespace Streaming.WebFront.Limits;

/// <summary>
/// The path under which proxies publish the service: setting <c>PathBase</c>, or <c>X-Forwarded-Prefix</c> of a known proxy, which wins. Links, redirects, pages
/// and cookies begin with it, whether the proxy takes it off the requests' paths or not.
/// </summary>
internal static partial class PathPrefix
{
    public const string Header = "X-Forwarded-Prefix";
    private const int MaxLength = 200;

    /// <summary>Empty where it is not set.</summary>
    /// <exception cref="StartupException">It is no path.</exception>
    public static PathString Read(PathOptions settings) =>
        settings.PathBase is not { Length: > 0 } text ? default
        : TryRead(text, out var prefix) ? prefix
        : throw new StartupException($"{nameof(PathOptions.PathBase)} \"{text}\" is no path such as /streaming: letters, digits, - . _ ~ and single slashes, at most {MaxLength}.");

    /// <summary>Plain segments alone: what comes after two slashes is a host, and a dot or two lead elsewhere.</summary>
    public static bool TryRead(string text, out PathString prefix)
    {
        var path = text.TrimEnd('/');
        prefix = path.Length == 0 ? default : new PathString(path[0] == '/' ? path : "/");
        return text.Length is > 0 and <= MaxLength && text[0] == '/' && !text.StartsWith("//", StringComparison.Ordinal) && (path.Length == 0 || Segments().IsMatch(path));
    }

    /// <summary>Takes the header away where something of it is no prefix: proxies pass on what clients send.</summary>
    public static void Check(IHeaderDictionary headers)
    {
        if (!headers.TryGetValue(Header, out var values))
            return;

        var prefixes = new List<string>();
        foreach (var value in values.ToString().Split(',', StringSplitOptions.TrimEntries))
        {
            if (!TryRead(value, out var prefix))
            {
                headers.Remove(Header);
                return;
            }

            prefixes.Add(prefix.HasValue ? prefix.Value! : "/");
        }

        headers[Header] = new StringValues(string.Join(", ", prefixes));
    }

    /// <summary>
    /// Sets it for requests whose proxy says nothing else, and takes it off the path of those whose proxy did not. A prefix that the setting does not name was
    /// taken off by the proxy that tells it: the path may begin with the same word for another reason.
    /// </summary>
    public static void Apply(HttpRequest request, PathString prefix)
    {
        if (!request.PathBase.HasValue)
            request.PathBase = prefix;
        else if (request.PathBase == "/")
            request.PathBase = default;

        if (prefix.HasValue && request.PathBase == prefix && request.Path.StartsWithSegments(prefix, StringComparison.Ordinal, out var rest))
            request.Path = rest.HasValue ? rest : "/";
    }

    [GeneratedRegex(@"\A(/(?!\.{1,2}(/|\z))[A-Za-z0-9._~-]+)+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Segments();
}
