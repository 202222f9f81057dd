/// A sequence of what can happen to a swarm's engine.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzEngine(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard var driver = EngineDriver(Array(UnsafeBufferPointer(start: start, count: count))) else {
        preconditionFailure("no sample torrent")
    }
    driver.run()
    return 0
}
