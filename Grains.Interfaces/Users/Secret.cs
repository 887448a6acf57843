using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Streaming.Users;

/// <summary>What a client is told once and the stores hold as a hash: refresh tokens and API keys.</summary>
public static class Secret
{
    /// <summary>How an API key begins, so that a tool that looks for leaked secrets knows one.</summary>
    public const string ApiKeyPrefix = "sk_";

    private const int Bytes = 32;

    /// <summary>256 random bits as base64url, after the prefix.</summary>
    public static string New(string prefix = "") => prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes));

    /// <summary>SHA-256 of the whole text, prefix included. A plain hash will do, for nobody can guess what has 256 random bits.</summary>
    public static byte[] Hash(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));
}
