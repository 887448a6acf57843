using Microsoft.Extensions.Options;

namespace Streaming.Users;

/// <summary>Section <c>Auth:FirstAdministrator</c>, for silos: who is made an administrator when there is none. Both are set, or neither.</summary>
public sealed class FirstAdministratorOptions
{
    public const string Section = "Auth:FirstAdministrator";

    /// <summary>An e-mail that has no account yet.</summary>
    public string? Email { get; set; }

    /// <summary>From the environment; it may be taken away once the account is there.</summary>
    public string? Password { get; set; }

    internal bool IsSet => !string.IsNullOrEmpty(Email) || !string.IsNullOrEmpty(Password);
}

/// <summary>Its messages name no value: they go to the console.</summary>
public sealed class FirstAdministratorValidation(IOptions<AccountOptions> accounts) : IValidateOptions<FirstAdministratorOptions>
{
    public ValidateOptionsResult Validate(string? name, FirstAdministratorOptions options)
    {
        var min = accounts.Value.MinPasswordLength;
        if (!options.IsSet)
            return ValidateOptionsResult.Success;

        if (options.Email is null || !EmailAddress.TryRead(options.Email, out var email))
            return ValidateOptionsResult.Fail($"{FirstAdministratorOptions.Section}:Email is no e-mail address.");

        return PasswordRules.Refuse(options.Password ?? "", email, min) is { } reason
            ? ValidateOptionsResult.Fail($"{FirstAdministratorOptions.Section}:Password {reason}")
            : ValidateOptionsResult.Success;
    }
}
