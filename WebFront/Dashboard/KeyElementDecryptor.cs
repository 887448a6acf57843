using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Streaming.WebFront.Auth;

namespace Streaming.WebFront.Dashboard;

/// <summary>
/// Reads what <see cref="KeyElementEncryptor"/> wrote, by the signing key or the one before it. Stored elements name this
/// class, so it keeps its name.
/// </summary>
internal sealed class KeyElementDecryptor(IServiceProvider services) : IXmlDecryptor
{
    private readonly SigningKeys keys = services.GetRequiredService<SigningKeys>();

    /// <exception cref="CryptographicException">It was written by another signing key. The framework then makes a key anew.</exception>
    public XElement Decrypt(XElement encryptedElement)
    {
        var bytes = Convert.FromBase64String(encryptedElement.Value);
        var plain = Decrypt(bytes, keys.Current.Key) ?? (keys.Previous is { } previous ? Decrypt(bytes, previous.Key) : null)
            ?? throw new CryptographicException("A key of the fronts was changed, or encrypted with another signing key than this front's.");
        return XElement.Parse(plain);
    }

    private static string? Decrypt(ReadOnlySpan<byte> bytes, byte[] signingKey)
    {
        const int around = KeyElementEncryptor.NonceBytes + KeyElementEncryptor.TagBytes;
        if (bytes.Length < around)
            return null;

        var plain = new byte[bytes.Length - around];
        using var cipher = KeyElementEncryptor.Cipher(signingKey);
        try
        {
            cipher.Decrypt(bytes[..KeyElementEncryptor.NonceBytes], bytes[KeyElementEncryptor.NonceBytes..^KeyElementEncryptor.TagBytes], bytes[^KeyElementEncryptor.TagBytes..], plain);
            return Encoding.UTF8.GetString(plain);
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plain);
        }
    }
}
