namespace Streaming.WebFront;

/// <summary>A body with rules beyond those of its single fields, checked when these hold.</summary>
internal interface ICheckedBody
{
    Problem? Check();
}

/// <summary>A body that forms cannot be.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class JsonOnlyAttribute : Attribute;

/// <summary>A body without any of its fields is refused; null is one.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class AtLeastOneAttribute : Attribute;

/// <summary>A user id, or <see cref="MeAlias.Alias"/> for the caller's.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class UserIdAttribute : Attribute
{
    /// <summary>What is said when it is missing and there is no caller; null where it may be.</summary>
    public string? NeededWithoutCaller { get; set; }

    /// <summary>Others' is passed over.</summary>
    public bool AdministratorsOnly { get; set; }
}

/// <summary>A name that people read; see <see cref="Streaming.Users.DisplayName"/>.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ReadableNameAttribute : Attribute;

/// <summary>A password that is set; see <see cref="Streaming.Users.PasswordRules"/>. The record says for which account.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class NewPasswordAttribute : Attribute;

/// <summary>A body that sets a password.</summary>
internal interface INewPassword
{
    /// <summary>E-mail of the account that it is for.</summary>
    string? AccountEmail(HttpContext context);
}
