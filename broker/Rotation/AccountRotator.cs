using System.Text;
using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Credentials;
using SidecarAgent.Broker.Crypto;
using SidecarAgent.Broker.Engines;
using SidecarAgent.Broker.Engines.Accounts;
using SidecarAgent.Broker.Secrets;

namespace SidecarAgent.Broker.Rotation;

/// <summary>
/// Two accounts that take turns: while the one is served, the other, which nobody uses, gets a fresh password. So a
/// password is never changed under somebody who logs in with it.
/// </summary>
internal sealed class AccountRotator(IReadOnlyList<RotatedAccounts> mounts, OutsideServers servers, KeyValueEngine stored)
    : IRotator
{
    private readonly Dictionary<SecretPath, RotatedRole> _roles = mounts.SelectMany(mount => mount.Roles).ToDictionary();

    public IReadOnlyList<(SecretPath Path, RotationSchedule Schedule)> Schedules =>
        [.. _roles.Select(role => (role.Key, role.Value.Schedule))];

    public bool Rotates(SecretPath path) => _roles.ContainsKey(path);

    public TimeSpan? Grace(SecretPath path) => _roles[path].Grace;

    /// <summary>What is configured can be rotated, also for the first time.</summary>
    public Task RequireRotatableAsync(SecretPath path, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>The idle account gets a fresh password, and is tried. The rotation's row says that this may have been done.</summary>
    public async Task<SecretVersion> PrepareAsync(SecretRotation rotation, string by, CancellationToken cancellationToken)
    {
        var path = rotation.Path;
        var served = rotation.FromVersion == 0 ? null : await AccountAsync(path, rotation.FromVersion, cancellationToken);
        var next = _roles[path].Accounts.First(account => account != served);
        var newest = (await stored.FindHeadAsync(path, cancellationToken))?.NewestVersion ?? 0;
        var server = servers.At(path.Mount);
        using var password = AccountPassword.Generate();
        await server.AskAsync((accounts, stop) => accounts.SetPasswordAsync(next, password, stop), cancellationToken);
        await server.AskAsync((accounts, stop) => accounts.TestLoginAsync(next, password, stop), cancellationToken);

        using var name = Text(next.Value);
        List<NewField> fields =
        [
            new(DynamicEngine.UserField, FieldClass.Identifier, name, null),
            new(DynamicEngine.PasswordField, FieldClass.Secret, password, null),
            .. server.Accounts.Address.Select(part => new NewField(part.Key, FieldClass.Identifier, Text(part.Value), null)),
        ];
        return await stored.SealAsync(path, newest + 1, by, fields, cancellationToken);
    }

    /// <summary>The old account gets a password that nobody is told, and its sessions end.</summary>
    public async Task RevokeOldAsync(SecretRotation rotation, CancellationToken cancellationToken)
    {
        var old = await AccountAsync(rotation.Path, rotation.FromVersion, cancellationToken);
        if (rotation.ToVersion > 0 && await AccountAsync(rotation.Path, rotation.ToVersion, cancellationToken) == old)
            return;
        var server = servers.At(rotation.Path.Mount);
        using var unknown = AccountPassword.Generate();
        await server.AskAsync((accounts, stop) => accounts.SetPasswordAsync(old, unknown, stop), cancellationToken);
        await server.AskAsync((accounts, stop) => accounts.EndSessionsAsync(old, stop), cancellationToken);
    }

    private async Task<AccountName> AccountAsync(SecretPath path, ulong number, CancellationToken cancellationToken)
    {
        var version = await stored.VersionAsync(path, number, cancellationToken);
        var fields = await stored.OpenAsync(version, field => field.Name == DynamicEngine.UserField, cancellationToken);
        using var name = fields.Single(field => field.Value is not null);
        return AccountName.Stored(Encoding.UTF8.GetString(name.Value!.Span));
    }

    private static SecretBytes Text(string text) => SecretBytes.CopyOf(Encoding.UTF8.GetBytes(text));
}
