using System.ComponentModel.DataAnnotations;

namespace Streaming.Users;

/// <summary>Section <c>Auth</c>, for silos: passwords, log-ins and sessions.</summary>
public sealed class AccountOptions
{
    public const string Section = "Auth";

    /// <summary>
    /// How long a change of an account or of a session matters: until no token from before it lives. An hour for the
    /// longest token, and by how much the clocks of fronts and of the database may differ.
    /// </summary>
    public static readonly TimeSpan AccessChangeLifetime = TimeSpan.FromMinutes(60 + 5);

    /// <summary>How long it matters that an account is banned or gone: until no URL of media that was made before is good, too.</summary>
    public static readonly TimeSpan BlockLifetime = TimeSpan.FromDays(7) + AccessChangeLifetime;

    /// <summary>Characters that a new password has at least. Fronts check it too, so it is the same for both.</summary>
    [Range(1, PasswordRules.MaxLength)]
    public int MinPasswordLength { get; set; } = 6;

    /// <summary>Iterations of PBKDF2-HMAC-SHA512 for new hashes, by default what OWASP asks for. A hash with fewer is made anew at its next log-in.</summary>
    [Range(100_000, 10_000_000)]
    public int HashIterations { get; set; } = 210_000;

    /// <summary>Threads that hash passwords in a silo, and do nothing else; half of the processors unless set.</summary>
    [Range(1, 256)]
    public int? HashThreads { get; set; }

    /// <summary>Passwords that may wait for such a thread; beyond, log-ins and registrations are answered 503.</summary>
    [Range(1, 10_000)]
    public int MaxWaitingPasswords { get; set; } = 100;

    /// <summary>Seconds that a password may wait for it; beyond, likewise. A call to a grain waits for two of them at most.</summary>
    [Range(1.0, 2.0)]
    public double MaxPasswordWaitSeconds { get; set; } = 2;

    /// <summary>Failures of one address at one account that are not followed by a delay.</summary>
    [Range(0, 100)]
    public int FreeFailures { get; set; } = 3;

    /// <summary>Seconds of the delay after the next failure; it doubles with each further one.</summary>
    [Range(1, 3_600)]
    public int FirstDelaySeconds { get; set; } = 1;

    /// <summary>Seconds that a delay grows to. As long after a delay without a failure all failures are forgotten.</summary>
    [Range(1, 86_400)]
    public int MaxDelaySeconds { get; set; } = 900;

    /// <summary>Days that a refresh token lives, and so a session that is not used.</summary>
    [Range(1, 366)]
    public int RefreshTokenDays { get; set; } = 30;

    /// <summary>
    /// Seconds in which a refresh token that was used is answered with the same next one again, so that tabs or a lost answer log
    /// nobody out, though that next one was used since; 0 for never.
    /// </summary>
    [Range(0, 60)]
    public int RefreshGraceSeconds { get; set; } = 10;

    /// <summary>Sessions that an account may have; a further log-in ends the one that was used longest ago.</summary>
    [Range(1, IAccountGrain.MaxSessions)]
    public int MaxSessions { get; set; } = IAccountGrain.MaxSessions;
}
