using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Crypto;

namespace SidecarAgent.Broker.KeyServices;

/// <summary>Makes the keys that the configuration names.</summary>
internal static class KeyRingFactory
{
    /// <exception cref="CannotStartException">A key file or a PKCS#11 module cannot be used.</exception>
    public static KeyRing Open(KeyOptions options, TimeProvider clock, ILoggerFactory loggers)
    {
        var modules = new Dictionary<string, Pkcs11Module>(StringComparer.Ordinal);
        var keys = new List<IKeyWrapper>();
        try
        {
            foreach (var kek in options.Previous.Prepend(options.Current))
                keys.Add(Open(kek, options.Cache, modules, clock, loggers));
            return new KeyRing(keys[0], keys[1..]);
        }
        catch
        {
            keys.ForEach(key => key.Dispose());
            throw;
        }
    }

    /// <summary>A module is initialized once in a process, however many of its keys are used.</summary>
    public static Pkcs11Module Module(string path, Dictionary<string, Pkcs11Module> modules, TimeProvider clock)
    {
        if (!modules.TryGetValue(path, out var module))
            modules.Add(path, module = Pkcs11Module.Load(path, clock));
        return module;
    }

    private static IKeyWrapper Open(
        KekOptions kek, TimeSpan keep, Dictionary<string, Pkcs11Module> modules, TimeProvider clock, ILoggerFactory loggers)
    {
        var logger = loggers.CreateLogger<OutsideKey>();
        return kek switch
        {
            KekOptions.InFile file => FileKeys.Load(file.Path),
            KekOptions.InKms kms => new OutsideKey(
                new KmsKeyWrapper(kms.Socket, clock), $"kms unix://{kms.Socket}", keep, clock, logger),
            KekOptions.InToken token => new OutsideKey(
                new Pkcs11KeyWrapper(Module(token.Module, modules, clock), token),
                $"pkcs11 token {token.TokenLabel}, key {token.KeyLabel}", keep, clock, logger),
            _ => throw new InvalidOperationException($"No wrapper for {kek.GetType().Name}."),
        };
    }
}
