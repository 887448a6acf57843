using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Streaming.WebFront.Videos;

/// <summary>
/// Lets one user have one video's media for some time, as a segment of a path: <c>{key}.{expiry}.{subject}.{mac}</c>. The
/// extension is not signed, so one signature is good for the video and its image.
/// </summary>
/// <param name="ExpiresAt">In whole seconds.</param>
/// <param name="Subject">Who is charged for the bytes.</param>
internal readonly record struct MediaSignature(Guid VideoId, Guid Subject, DateTimeOffset ExpiresAt)
{
    private const int Bytes128 = 16;
    private const int MaxLength = 128;

    /// <summary>
    /// Ids and MAC in lower-case hex: pages make an image's URL by replacing the first <c>.mp4</c>, and in base64url a part could
    /// begin with those letters.
    /// </summary>
    public string Write(MediaKey key)
    {
        Span<byte> message = stackalloc byte[sizeof(long) + (2 * Bytes128)];
        var expiry = ExpiresAt.ToUnixTimeSeconds();
        BinaryPrimitives.WriteInt64BigEndian(message, expiry);
        Subject.TryWriteBytes(message[sizeof(long)..], bigEndian: true, out _);
        VideoId.TryWriteBytes(message[(sizeof(long) + Bytes128)..], bigEndian: true, out _);
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        key.Sign(message, mac);
        return string.Create(CultureInfo.InvariantCulture, $"{key.Id}.{expiry}.{Subject:N}.{Convert.ToHexStringLower(mac[..Bytes128])}");
    }

    /// <summary>False for a signature that is not good for this video, or no longer.</summary>
    public static bool TryRead(ReadOnlySpan<char> text, Guid videoId, MediaKeys keys, DateTimeOffset now, out MediaSignature signature)
    {
        signature = default;
        Span<Range> parts = stackalloc Range[5];
        if (text.Length > MaxLength || text.Split(parts, '.') != 4 || keys.Find(text[parts[0]]) is not { } key
            || !long.TryParse(text[parts[1]], NumberStyles.None, CultureInfo.InvariantCulture, out var expiry)
            || expiry > DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            || !Guid.TryParseExact(text[parts[2]], "N", out var subject))
        {
            return false;
        }

        signature = new MediaSignature(videoId, subject, DateTimeOffset.FromUnixTimeSeconds(expiry));
        // All of it is compared, so that each signature has exactly one form.
        return CryptographicOperations.FixedTimeEquals(MemoryMarshal.AsBytes(signature.Write(key).AsSpan()), MemoryMarshal.AsBytes(text))
            && now < signature.ExpiresAt;
    }
}
