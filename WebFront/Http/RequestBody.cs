using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Net.Http.Headers;

namespace Streaming.WebFront;

/// <summary>Reads a body that fits into memory, as UTF-8 without a byte order mark.</summary>
internal static class RequestBody
{
    /// <param name="maxBytes">Of what comes out of its Content-Encoding, too.</param>
    public static async ValueTask<(ReadOnlyMemory<byte> Utf8, Problem? Problem)> ReadAsync(HttpRequest request, int maxBytes)
    {
        var isLatin = false;
        if (MediaTypeHeaderValue.TryParse(request.ContentType, out var type) && type.Charset.HasValue && !IsUtf8(type.Charset.Value.Trim('"'), out isLatin))
            return (default, new Problem(StatusCodes.Status415UnsupportedMediaType, "Send the body as UTF-8; the route takes no other charset.", HeaderNames.ContentType));

        try
        {
            return await ReadBytesAsync(request, maxBytes) is not { } bytes
                ? (default, TooLarge(maxBytes))
                : Decode(bytes.WrittenMemory, isLatin);
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return (default, TooLarge(maxBytes));
        }
        catch (InvalidDataException)
        {
            return (default, Problem.BadRequest(HeaderNames.ContentEncoding, "The body is not what its Content-Encoding says, breaks off, or has something behind its end."));
        }
    }

    /// <summary>Where the JSON breaks off; the parser's own words stay here.</summary>
    public static string Malformed(JsonException e) => string.Create(
        CultureInfo.InvariantCulture, $"The body is not valid JSON (line {(e.LineNumber ?? 0) + 1}, byte {(e.BytePositionInLine ?? 0) + 1}).");

    private static Problem TooLarge(int maxBytes) =>
        new(StatusCodes.Status413PayloadTooLarge, $"The body is too large; at most {RequestLimits.InWords(maxBytes)}.");

    /// <summary>Null when it is larger.</summary>
    private static async ValueTask<ArrayBufferWriter<byte>?> ReadBytesAsync(HttpRequest request, int maxBytes)
    {
        if (request.ContentLength > maxBytes)
            return null;

        RequestBodyDrain.LeaveRoom(request.HttpContext, maxBytes);
        var buffer = new ArrayBufferWriter<byte>((int)(request.ContentLength ?? 4096) + 1);
        while (await request.Body.ReadAsync(buffer.GetMemory(1), request.HttpContext.RequestAborted) is var read and > 0)
        {
            buffer.Advance(read);
            if (buffer.WrittenCount > maxBytes)
                return null;
        }

        return buffer;
    }

    private static (ReadOnlyMemory<byte>, Problem?) Decode(ReadOnlyMemory<byte> body, bool isLatin)
    {
        var start = body.Span[..Math.Min(body.Length, 3)];
        if (start.SequenceEqual(Encoding.UTF8.Preamble))
            return (body[3..], null);

        // JSON and forms begin with an ASCII character, which UTF-16 and UTF-32 write with a zero byte beside it.
        if (start is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..] or [0, not 0, ..] or [not 0, 0, ..] or [0, 0, 0])
            return (default, Problem.BadRequest("body", "The body is not UTF-8, but looks like UTF-16 or UTF-32; send it as UTF-8."));

        return (isLatin && !Ascii.IsValid(body.Span) ? Encoding.UTF8.GetBytes(Encoding.Latin1.GetString(body.Span)) : body, null);
    }

    /// <summary>Whether it is UTF-8 or can be made it without a table.</summary>
    private static bool IsUtf8(string charset, out bool isLatin)
    {
        isLatin = charset.Equals("iso-8859-1", StringComparison.OrdinalIgnoreCase) || charset.Equals("latin1", StringComparison.OrdinalIgnoreCase);
        return isLatin
            || charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase) || charset.Equals("utf8", StringComparison.OrdinalIgnoreCase)
            || charset.Equals("us-ascii", StringComparison.OrdinalIgnoreCase) || charset.Equals("ascii", StringComparison.OrdinalIgnoreCase);
    }
}
