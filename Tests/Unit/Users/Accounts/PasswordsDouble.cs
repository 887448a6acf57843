using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Streaming.Users;

namespace Streaming.Tests.Users;

/// <summary>A double: the framework's hasher, which counts and which a test can hold. Its few iterations spare the tests' time.</summary>
internal sealed class PasswordsDouble(int iterations = 1_000) : IPasswordHasher<Account>, IDisposable
{
    private readonly PasswordHasher<Account> hasher = new(Options.Create(new PasswordHasherOptions { IterationCount = iterations }));
    private readonly ManualResetEventSlim free = new(initialState: true);
    private int hashed;
    private int verified;

    public int Hashed => Volatile.Read(ref hashed);

    public int Verified => Volatile.Read(ref verified);

    /// <summary>Lets nothing through until <see cref="Release"/>.</summary>
    public void Hold() => free.Reset();

    public void Release() => free.Set();

    public string HashPassword(Account user, string password)
    {
        Pass(ref hashed);
        return hasher.HashPassword(user, password);
    }

    public PasswordVerificationResult VerifyHashedPassword(Account user, string hashedPassword, string providedPassword)
    {
        Pass(ref verified);
        return hasher.VerifyHashedPassword(user, hashedPassword, providedPassword);
    }

    public void Dispose() => free.Dispose();

    private void Pass(ref int count)
    {
        Interlocked.Increment(ref count);
        Assert.True(free.Wait(TimeSpan.FromSeconds(30)), "The test never let the password through.");
    }
}
