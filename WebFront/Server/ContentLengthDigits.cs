using System.Text;
using Microsoft.Net.Http.Headers;

namespace Streaming.WebFront.Server;

/// <summary>
/// Reads <c>Content-Length</c> as the digits that it must be (RFC 9110, 8.6). The server parses it as a number, and takes <c>+2</c> and <c>-0</c>, which a proxy
/// before it may read in another way: then the two do not agree on where the next request begins.
/// </summary>
internal sealed class ContentLengthDigits : Encoding
{
    private static readonly ContentLengthDigits Instance = new();

    /// <summary>Null is what the server does by itself.</summary>
    public static Encoding? For(string header) => ReferenceEquals(header, HeaderNames.ContentLength) || header == HeaderNames.ContentLength ? Instance : null;

    public override int GetByteCount(char[] chars, int index, int count) => throw new NotSupportedException();

    public override int GetBytes(char[] chars, int charIndex, int charCount, byte[] bytes, int byteIndex) => throw new NotSupportedException();

    public override int GetCharCount(ReadOnlySpan<byte> bytes) => bytes.Length;

    public override int GetCharCount(byte[] bytes, int index, int count) => count;

    /// <summary>What is no digit becomes a letter, which no number has.</summary>
    public override int GetChars(ReadOnlySpan<byte> bytes, Span<char> chars)
    {
        for (var i = 0; i < bytes.Length; i++)
            chars[i] = char.IsAsciiDigit((char)bytes[i]) ? (char)bytes[i] : 'x';

        return bytes.Length;
    }

    public override int GetChars(byte[] bytes, int byteIndex, int byteCount, char[] chars, int charIndex) =>
        GetChars(bytes.AsSpan(byteIndex, byteCount), chars.AsSpan(charIndex));

    public override int GetMaxByteCount(int charCount) => charCount;

    public override int GetMaxCharCount(int byteCount) => byteCount;
}
