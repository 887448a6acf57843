using System.Security.Cryptography;
using System.Text;

namespace Streaming.Users;

/// <summary>A refresh token as the store keeps it beside the one before: encrypted by a key made of that one, which the store does not have.</summary>
internal static class SealedToken
{
    private const int KeyBytes = 32;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    /// <summary>Nonce, tag and AES-256-GCM of the token. Two silos may seal with one key at once, so the nonce is random.</summary>
    public static byte[] Seal(string token, string before)
    {
        var text = Encoding.UTF8.GetBytes(token);
        var content = new byte[NonceBytes + TagBytes + text.Length];
        var nonce = content.AsSpan(0, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var cipher = Cipher(before);
        cipher.Encrypt(nonce, text, content.AsSpan(NonceBytes + TagBytes), content.AsSpan(NonceBytes, TagBytes));
        return content;
    }

    /// <exception cref="CryptographicException">It was sealed by another one.</exception>
    public static string Open(byte[] content, string before)
    {
        var text = new byte[content.Length - NonceBytes - TagBytes];
        using var cipher = Cipher(before);
        cipher.Decrypt(content.AsSpan(0, NonceBytes), content.AsSpan(NonceBytes + TagBytes), content.AsSpan(NonceBytes, TagBytes), text);
        return Encoding.UTF8.GetString(text);
    }

    private static AesGcm Cipher(string before) =>
        new(HKDF.DeriveKey(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(before), KeyBytes, info: "next refresh token"u8.ToArray()), TagBytes);
}
