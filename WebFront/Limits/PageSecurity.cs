using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Streaming.WebFront.Limits;

/// <summary>Headers of pages that people look at in a browser. Answers in JSON need none of them.</summary>
internal static partial class PageSecurity
{
    /// <summary>A page that loads nothing but what the same server has, and runs and paints what stands in it and nothing else.</summary>
    public static string PolicyOf(string html) =>
        $"default-src 'none'; script-src 'self'{Hashes(InlineScript(), html)}; style-src 'self'{Hashes(InlineStyle(), html)}; "
        + "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    public static void Protect(HttpResponse response, string policy)
    {
        response.Headers.ContentSecurityPolicy = policy;
        response.Headers["Referrer-Policy"] = "same-origin";
    }

    private static string Hashes(Regex blocks, string html) => string.Concat(blocks.Matches(html)
        .Select(block => $" 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(block.Groups["text"].Value)))}'"));

    [GeneratedRegex("<script>(?<text>.*?)</script>", RegexOptions.Singleline)]
    private static partial Regex InlineScript();

    [GeneratedRegex("<style>(?<text>.*?)</style>", RegexOptions.Singleline)]
    private static partial Regex InlineStyle();
}
