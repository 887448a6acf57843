using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Streaming.WebFront.Auth;

namespace Streaming.WebFront.Dashboard;

/// <summary>
/// Encrypts the fronts' keys with one derived from the signing key, which no database has: who reads the table can make
/// no cookie. AES-GCM; nonce, ciphertext and tag in one.
/// </summary>
internal sealed class KeyElementEncryptor(SigningKeys keys) : IXmlEncryptor
{
    public const int NonceBytes = 12;
    public const int TagBytes = 16;

    public EncryptedXmlInfo Encrypt(XElement plaintextElement)
    {
        var plain = Encoding.UTF8.GetBytes(plaintextElement.ToString(SaveOptions.DisableFormatting));
        var bytes = new byte[NonceBytes + plain.Length + TagBytes];
        RandomNumberGenerator.Fill(bytes.AsSpan(0, NonceBytes));
        using (var cipher = Cipher(keys.Current.Key))
            cipher.Encrypt(bytes.AsSpan(0, NonceBytes), plain, bytes.AsSpan(NonceBytes, plain.Length), bytes.AsSpan(NonceBytes + plain.Length));

        CryptographicOperations.ZeroMemory(plain);
        return new EncryptedXmlInfo(new XElement("encryptedKey", Convert.ToBase64String(bytes)), typeof(KeyElementDecryptor));
    }

    public static AesGcm Cipher(byte[] signingKey) =>
        new(HKDF.DeriveKey(HashAlgorithmName.SHA256, signingKey, outputLength: 32, info: "streaming data protection keys"u8.ToArray()), TagBytes);
}
