import Metainfo

extension VersionStaging {
    /// Puts into the folder what is on this computer already. What is there from an earlier run stays.
    ///
    /// - Parameter sources: those that the plan was made of.
    public func prepare(_ plan: VersionPlan, from sources: [VersionSource]) throws(StorageError) -> StagedVersion {
        let run = try StagingRun(self, sources)
        for (number, origin) in plan.origins.enumerated() where info.files.indices.contains(number) {
            guard let origin else { continue }
            try run.stage(FileIndex(number), origin)
        }
        return run.result
    }
}
