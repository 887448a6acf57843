using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Streaming.WebFront.Videos;

/// <summary>
/// Reads <c>Content-Disposition</c> of a form's part as clients write it, which is not always as RFC 7578 says: <c>filename*</c> (RFC 8187) and
/// encoded words (RFC 2047), both of which it forbids, quotes that are escaped, percent-encoded, or neither. What cannot be decoded stays as it is:
/// a name is only shown.
/// </summary>
internal static partial class ContentDisposition
{
    private const string FileName = "filename";

    /// <summary>Both null when the part is no field of a form. An empty file name is one.</summary>
    public static (string? Name, string? FileName) Read(string value)
    {
        var end = value.IndexOf(';', StringComparison.Ordinal);
        if (!(end < 0 ? value : value[..end]).Trim().Equals("form-data", StringComparison.OrdinalIgnoreCase))
            return (null, null);

        var parameters = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        for (var at = end < 0 ? value.Length : end + 1; at < value.Length;)
        {
            var (key, text) = ReadParameter(value, ref at);
            if (key.Length > 0)
                parameters.TryAdd(key, text);
        }

        return (Find(parameters, "name"), Find(parameters, FileName));
    }

    private static string? Find(Dictionary<string, string> parameters, string key)
    {
        if (parameters.TryGetValue(key + "*", out var extended) && TryReadExtended(extended, out var decoded))
            return decoded;

        if (parameters.TryGetValue(key, out var plain))
            return ReadPlain(plain);

        return FindContinued(parameters, key) ?? extended;
    }

    /// <summary>In pieces <c>filename*0</c>, <c>filename*1*</c> and so on (RFC 2231).</summary>
    private static string? FindContinued(Dictionary<string, string> parameters, string key)
    {
        StringBuilder? all = null;
        var isExtended = false;
        for (var i = 0; ; i++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"{key}*{i}");
            if (parameters.TryGetValue(name + "*", out var piece))
                isExtended = true;
            else if (!parameters.TryGetValue(name, out piece))
                break;

            (all ??= new StringBuilder()).Append(piece);
        }

        if (all is null)
            return null;

        return isExtended && TryReadExtended(all.ToString(), out var decoded) ? decoded : ReadPlain(all.ToString());
    }

    private static (string Key, string Text) ReadParameter(string value, ref int at)
    {
        var end = value.AsSpan(at).IndexOfAny('=', ';');
        if (end < 0 || value[at + end] == ';')
        {
            at = end < 0 ? value.Length : at + end + 1;
            return ("", "");
        }

        var key = value.AsSpan(at, end).Trim().ToString();
        at += end + 1;
        while (at < value.Length && value[at] is ' ' or '\t')
            at++;

        if (at < value.Length && value[at] == '"')
            return (key, ReadQuoted(value, ref at));

        end = value.AsSpan(at).IndexOf(';');
        var text = (end < 0 ? value.AsSpan(at) : value.AsSpan(at, end)).Trim().ToString();
        at = end < 0 ? value.Length : at + end + 1;
        return (key, text);
    }

    /// <summary>To the quote that ends it: one that a semicolon or nothing follows. One in the middle of a name is part of it.</summary>
    private static string ReadQuoted(string value, ref int at)
    {
        var text = new StringBuilder();
        for (at++; at < value.Length; at++)
        {
            var next = value[at];
            if (next == '\\' && at + 1 < value.Length && (value[at + 1] == '\\' || (value[at + 1] == '"' && !IsEnd(value, at + 2, lastOnly: true))))
            {
                text.Append(value[++at]);
            }
            else if (next == '"' && IsEnd(value, at + 1, lastOnly: false))
            {
                at = value.IndexOf(';', at + 1) is var end and >= 0 ? end + 1 : value.Length;
                return text.ToString();
            }
            else
            {
                text.Append(next);
            }
        }

        return text.ToString();
    }

    private static bool IsEnd(string value, int at, bool lastOnly)
    {
        while (at < value.Length && value[at] is ' ' or '\t')
            at++;

        return at >= value.Length || (!lastOnly && value[at] == ';');
    }

    /// <summary>Browsers write a quote as %22, and line breaks as %0D and %0A, and no other character so.</summary>
    private static string ReadPlain(string text) =>
        EncodedWord().Replace(BetweenEncodedWords().Replace(text, "$1"), word => DecodeWord(word) ?? word.Value)
            .Replace("%22", "\"", StringComparison.Ordinal)
            .Replace("%0D", "", StringComparison.OrdinalIgnoreCase)
            .Replace("%0A", "", StringComparison.OrdinalIgnoreCase);

    /// <summary><c>UTF-8'en'percent-encoded</c>.</summary>
    private static bool TryReadExtended(string value, out string text)
    {
        text = "";
        if (value.Split('\'', 3) is not [var charset, _, var encoded] || EncodingOf(charset) is not { } encoding)
            return false;

        return TryDecode(encoding, Unescape(encoded, '%'), out text);
    }

    private static string? DecodeWord(Match word)
    {
        if (EncodingOf(word.Groups["charset"].Value) is not { } encoding)
            return null;

        var encoded = word.Groups["text"].Value;
        byte[] bytes;
        if (word.Groups["how"].Value is "Q" or "q")
        {
            bytes = Unescape(encoded.Replace('_', ' '), '=');
        }
        else
        {
            bytes = new byte[encoded.Length];
            if (!Convert.TryFromBase64String(encoded, bytes, out var written))
                return null;

            bytes = bytes[..written];
        }

        return TryDecode(encoding, bytes, out var text) ? text : null;
    }

    private static byte[] Unescape(string text, char escape)
    {
        using var bytes = new MemoryStream(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == escape && i + 2 < text.Length && byte.TryParse(text.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
            {
                bytes.WriteByte(value);
                i += 2;
            }
            else
            {
                var characters = i + 1 < text.Length && char.IsSurrogatePair(text, i) ? 2 : 1;
                bytes.Write(Encoding.UTF8.GetBytes(text.Substring(i, characters)));
                i += characters - 1;
            }
        }

        return bytes.ToArray();
    }

    private static bool TryDecode(Encoding encoding, byte[] bytes, out string text)
    {
        try
        {
            text = encoding.GetString(bytes);
            return true;
        }
        catch (DecoderFallbackException)
        {
            text = "";
            return false;
        }
    }

    private static Encoding? EncodingOf(string charset) => charset.Trim().ToUpperInvariant() switch
    {
        "UTF-8" or "UTF8" or "US-ASCII" => new UTF8Encoding(false, throwOnInvalidBytes: true),
        "ISO-8859-1" or "LATIN1" => Encoding.Latin1,
        _ => null,
    };

    [GeneratedRegex(@"=\?(?<charset>[\w-]{1,40})(\*[\w-]*)?\?(?<how>[BbQq])\?(?<text>[^?]*)\?=", RegexOptions.CultureInvariant)]
    private static partial Regex EncodedWord();

    [GeneratedRegex(@"(\?=)[ \t]+(?==\?)", RegexOptions.CultureInvariant)]
    private static partial Regex BetweenEncodedWords();
}
