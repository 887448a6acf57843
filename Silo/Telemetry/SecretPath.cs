using System.Diagnostics;

namespace Streaming.Silo.Telemetry;

/// <summary>Keeps out of a trace what of a request's path is as good as a password.</summary>
internal static class SecretPath
{
    private const string Tag = "url.path";

    /// <summary>Whatever stands before it: a prefix is not taken off yet when a trace begins.</summary>
    public static void Hide(Activity activity, HttpRequest request, string secret)
    {
        if (request.Path.Value is { } path && path.IndexOf(secret + "/", StringComparison.OrdinalIgnoreCase) is >= 0 and var start)
            activity.SetTag(Tag, $"{request.PathBase}{path[..(start + secret.Length)]}");
    }
}
