using System.Text;

namespace Streaming.Tests.Http;

/// <summary>A request that must be refused.</summary>
/// <param name="Route">The mapped route that it is for.</param>
/// <param name="Name">What is wrong with it.</param>
/// <param name="Path">Path and query; <c>{title}</c> and <c>{user}</c> stand for ids that exist.</param>
/// <param name="Status">The status that refuses it.</param>
/// <param name="Field">What the problem must name.</param>
/// <param name="Body">Null for none.</param>
/// <param name="ContentType">Null for none.</param>
internal sealed record BadRequest(
    string Route, string Name, string Path, int Status, string? Field = null, byte[]? Body = null, string? ContentType = null)
{
    public string Method => Route[..Route.IndexOf(' ', StringComparison.Ordinal)];

    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>Text in which each <c>?</c> becomes a byte that UTF-8 does not have.</summary>
    public static byte[] InvalidUtf8(string text) => [.. Utf8(text).Select(b => b == '?' ? (byte)0xFF : b)];

    public HttpContent? ToContent(Guid title, Guid user) => Body is null
        ? null
        : Api.Bytes(Body.Length > 100_000 ? Body : Replace(Body, title, user), ContentType);

    // Byte for character, so that bytes that are no text survive.
    private static byte[] Replace(byte[] body, Guid title, Guid user) => Encoding.Latin1.GetBytes(
        Encoding.Latin1.GetString(body)
            .Replace("{title}", title.ToString(), StringComparison.Ordinal).Replace("{user}", user.ToString(), StringComparison.Ordinal));
}
